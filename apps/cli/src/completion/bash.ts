import type { CommandNode, ValueNode } from './command-tree.ts';

/** A script for `eval "$(hostler completion bash)"`. */
export function bashCompletion(root: CommandNode): string {
  const nodes = flatten(root, '');
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => path);
  return `# Completion of ${root.name} for bash. Use: eval "$(${root.name} completion bash)"
# Every line of the input is a candidate; mapfile would do, but is not in bash 3.2.
${REPLY_FUNCTION}() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done
}
_${root.name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path= word index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "$path/$word" in
      ${paths.join('|')}) path="$path/$word" ;;
    esac
  done
  COMPREPLY=()
  case "$path $previous" in
${nodes.flatMap(valueCases).join('\n')}
  esac
  if [[ $current == -* ]]; then
    case "$path" in
${nodes.map(({ path, node }) => `      '${path}') ${words(flagsOf(node))} ;;`).join('\n')}
    esac
    return
  fi
  case "$path" in
${nodes.map(({ path, node }) => `    '${path}') ${nextWord(node)} ;;`).join('\n')}
  esac
}
complete -o filenames -F _${root.name} ${root.name}
`;
}

const REPLY_FUNCTION = '__hostler_reply';

interface PlacedNode {
  readonly path: string;
  readonly node: CommandNode;
}

function flatten(node: CommandNode, path: string): PlacedNode[] {
  return [{ path, node }, ...node.commands.flatMap((child) => flatten(child, `${path}/${child.name}`))];
}

function valueCases({ path, node }: PlacedNode): string[] {
  return node.options.flatMap(({ flags, value }) =>
    value === undefined
      ? []
      : [`    ${flags.map((flag) => `'${path} ${flag}'`).join('|')}) ${complete(value)}; return ;;`],
  );
}

function nextWord(node: CommandNode): string {
  const names = node.commands.map(({ name }) => name);
  if (names.length > 0) return words(names);
  const [first] = node.values;
  return first === undefined ? ':' : complete(first);
}

function complete({ kind, words: choices }: ValueNode): string {
  if (kind === 'words') return words(choices);
  if (kind === 'file') return `${REPLY_FUNCTION} < <(compgen -f -- "$current")`;
  if (kind === 'free') return ':';
  return `${REPLY_FUNCTION} < <(compgen -d -- "$current"; compgen -f -- "$current" | grep -E '\\.(ya?ml|jsonc?)$')`;
}

function words(choices: readonly string[]): string {
  return `${REPLY_FUNCTION} < <(compgen -W '${choices.join(' ')}' -- "$current")`;
}

function flagsOf({ options }: CommandNode): string[] {
  return options.flatMap(({ flags }) => flags);
}
