/**
 * The simple commands of a command line, each as its words: what stands between `|`, `&&`, `||`, `;` and in `$( )`, without
 * variables that are set before them, redirections and quotes. As much of a shell as documents need.
 */
export function simpleCommands(line: string): readonly (readonly string[])[] {
  const found: string[][] = [];
  let words: string[] = [];
  const close = (): void => {
    found.push(words);
    words = [];
  };
  for (const token of tokens(line)) {
    if (/^(?:\|\|?|&&?|;)$/.test(token)) close();
    else words.push(token);
  }
  close();
  const inner = [...line.matchAll(/\$\(([^()]*)\)/g)].flatMap(([, command = '']) => simpleCommands(command));
  return [...found.map(withoutDecoration).filter((command) => command.length > 0), ...inner];
}

function withoutDecoration(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const command = start < 0 ? [] : words.slice(start);
  const end = command.findIndex((word) => /^\d*[<>]/.test(word));
  const kept = end < 0 ? command : command.slice(0, end);
  return ['sudo', 'exec', 'time', 'if', '!', 'then', 'do', 'while', 'until'].includes(kept[0] ?? '')
    ? withoutDecoration(kept.slice(1))
    : kept;
}

/** Words without their quotes, and operators. */
function tokens(line: string): readonly string[] {
  const pattern =
    /\s+|(?<operator>\|\|?|&&|;|(?<![<>])&(?!>))|(?<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\$\([^()]*\)|\\.|[^\s|&;'"\\]|(?<=[<>])&|&(?=>))+)/gy;
  return [...line.matchAll(pattern)].flatMap(({ groups }) => {
    const { operator, word } = groups ?? {};
    if (operator !== undefined) return [operator];
    if (word === undefined) return [];
    return [
      word.replaceAll(
        /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
        (_, single, double, escaped) => single ?? double ?? escaped,
      ),
    ];
  });
}
