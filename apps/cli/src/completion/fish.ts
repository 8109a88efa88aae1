import type { CommandNode, ValueNode } from './command-tree.ts';

/** A script for `hostler completion fish | source`. */
export function fishCompletion(root: CommandNode): string {
  const lines = linesOf(root, root.name, []);
  return `# Completion of ${root.name} for fish. Use: ${root.name} completion fish | source
function __${root.name}_at
    set -l path
    for word in (commandline -opc)[2..]
        contains -- "$path/$word" ${pathsOf(root, '').join(' ')}; and set path "$path/$word"
    end
    test "$path" = "$argv[1]"
end
complete -c ${root.name} -f
${lines.join('\n')}
`;
}

function pathsOf(node: CommandNode, path: string): string[] {
  return node.commands.flatMap((child) => [`${path}/${child.name}`, ...pathsOf(child, `${path}/${child.name}`)]);
}

function linesOf(node: CommandNode, program: string, path: readonly string[]): string[] {
  const place = path.map((name) => `/${name}`).join('');
  const start = `complete -c ${program} -n ${quote(`__${program}_at ${quote(place)}`)}`;
  const commands = node.commands.map(({ name, description }) => `${start} -a ${name} -d ${quote(description)}`);
  const options = node.options.map(({ flags, description, value }) => {
    const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
    return [start, ...names, ...(value ? ['-r', ...source(value)] : []), '-d', quote(description)].join(' ');
  });
  const [first] = node.values;
  const values = first === undefined || first.kind === 'free' ? [] : [[start, ...source(first)].join(' ')];
  return [
    ...commands,
    ...options,
    ...values,
    ...node.commands.flatMap((child) => linesOf(child, program, [...path, child.name])),
  ];
}

function source({ kind, words }: ValueNode): string[] {
  if (kind === 'words') return ['-a', quote(words.join(' '))];
  if (kind === 'free') return ['-f'];
  if (kind === 'file') return ['-F'];
  const endings = ['yaml', 'yml', 'json', 'jsonc'].map((ending) => `(__fish_complete_suffix .${ending})`);
  return ['-k', '-a', quote(endings.join(' '))];
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
}
