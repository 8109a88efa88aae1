/** What a README shows: files to write first, packages to install, and programs with what they print. */
export interface ReadmeExamples {
  readonly files: readonly ExampleFile[];
  readonly installs: readonly string[];
  readonly programs: readonly ExampleProgram[];
}

interface ExampleFile {
  readonly name: string;
  readonly text: string;
}

export interface ExampleProgram extends ExampleFile {
  /** One for each line of its standard output; `…` stands for any text. */
  readonly expected: readonly string[];
}

const BLOCK = /^```(\w+)\n(.*?)^```$/gms;
const MARK = /(?:\/\/|#) → (.*)$/gm;

/**
 * Each `ts` block is a program, and so is each `sh` block that says what it prints: `// → text` in the order of printing.
 * A `yaml` block whose first line is `# hostler.yaml` is that file. `npm install …` in a `sh` block says what is needed.
 */
export function readExamples(readme: string): ReadmeExamples {
  const blocks = [...readme.matchAll(BLOCK)].map(([, language = '', text = '']) => ({ language, text }));
  const programs = blocks
    .filter(({ language, text }) => language === 'ts' || (language === 'sh' && text.includes('# → ')))
    .map(({ language, text }, index) => ({
      name: `example-${index + 1}.${language}`,
      text,
      expected: [...text.matchAll(MARK)].map(([, line = '']) => line),
    }));
  const files = blocks
    .filter(({ language }) => language === 'yaml')
    .map(({ text }) => ({ name: /^# ([\w.-]+)$/m.exec(text.split('\n', 1)[0] ?? '')?.[1] ?? '', text }))
    .filter(({ name }) => name !== '');
  return { files, programs, installs: [...new Set(blocks.flatMap(installedBy))] };
}

/** The first line of what was printed that is not as the README says, in words; undefined: all are. */
export function outputProblem({ name, expected }: ExampleProgram, output: string): string | undefined {
  const printed = output === '' ? [] : output.replace(/\n$/, '').split('\n');
  const length = Math.max(printed.length, expected.length);
  for (let index = 0; index < length; index += 1) {
    const line = expected[index];
    const actual = printed[index];
    if (line === undefined) return `${name} prints more than it says: ${actual}`;
    if (actual === undefined) return `${name} does not print: ${line}`;
    if (!fits(actual, line)) return `${name} prints\n  ${actual}\nin the place of\n  ${line}`;
  }
  return undefined;
}

function installedBy({ language, text }: { readonly language: string; readonly text: string }): readonly string[] {
  if (language !== 'sh') return [];
  return [...text.matchAll(/^npm install (.+)$/gm)].flatMap(([, rest = '']) =>
    rest.split(/\s+#/, 1).flatMap((names) =>
      names
        .trim()
        .split(/\s+/)
        .filter((name) => !name.startsWith('-')),
    ),
  );
}

function fits(actual: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('…');
  const last = rest.pop();
  if (last === undefined) return actual === pattern;
  if (!actual.startsWith(first) || !actual.endsWith(last)) return false;
  let position = first.length;
  for (const part of rest) {
    const found = actual.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return position + last.length <= actual.length;
}
