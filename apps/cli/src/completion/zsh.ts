import type { CommandNode, OptionNode, ValueNode } from './command-tree.ts';

/** A script for `eval "$(hostler completion zsh)"`, or for a file `_hostler` in a folder of `$fpath`. */
export function zshCompletion(root: CommandNode): string {
  const functions = functionsOf(root, `_${root.name}`);
  return `#compdef ${root.name}
# Completion of ${root.name} for zsh. Use: eval "$(${root.name} completion zsh)"
${functions.join('\n')}
if [ "$funcstack[1]" = "_${root.name}" ]; then _${root.name} "$@"; else compdef _${root.name} ${root.name}; fi
`;
}

/** One function for each command; one with commands of its own passes the rest of the line to theirs. */
function functionsOf(node: CommandNode, name: string): string[] {
  const children = node.commands.flatMap((child) => functionsOf(child, `${name}_${child.name}`));
  return [...children, node.commands.length === 0 ? leaf(node, name) : branch(node, name)];
}

function leaf(node: CommandNode, name: string): string {
  const values = node.values.map((value, index) => quote(`${index + 1}: :${action(value)}`));
  return `${name}() {
  _arguments -s \\
    ${[...optionSpecs(node), ...values].join(' \\\n    ')}
}`;
}

function branch(node: CommandNode, name: string): string {
  const commands = node.commands.map((child) => quote(`${child.name}:${plain(child.description)}`));
  const cases = node.commands.map((child) => `    ${child.name}) ${name}_${child.name} ;;`);
  return `${name}() {
  local state line
  local -a commands=(
    ${commands.join('\n    ')}
  )
  _arguments -C -s \\
    ${[...optionSpecs(node), quote('1: :->command'), quote('*:: :->rest')].join(' \\\n    ')}
  case $state in
    command) _describe command commands ;;
    rest) case $line[1] in
${cases.join('\n')}
    esac ;;
  esac
}`;
}

function optionSpecs({ options }: CommandNode): string[] {
  return options.flatMap((option) => option.flags.map((flag) => optionSpec(flag, option)));
}

function optionSpec(flag: string, { description, value }: OptionNode): string {
  const repeat = flag === '--arg' ? '*' : '';
  return quote(`${repeat}${flag}[${plain(description)}]${value === undefined ? '' : `: :${action(value)}`}`);
}

function action({ kind, words }: ValueNode): string {
  if (kind === 'words') return `(${words.join(' ')})`;
  if (kind === 'config') return '_files -g "*.(yaml|yml|json|jsonc)"';
  return kind === 'file' ? '_files' : '( )';
}

/** Brackets and colons separate the parts of a specification. */
function plain(description: string): string {
  return description
    .replaceAll(/[[\]:]/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim();
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
