import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { createMasking } from '../../apps/cli/src/masking.ts';
import { createProgram } from '../../apps/cli/src/program/create-program.ts';

type Command = ReturnType<typeof createProgram>['command'];

/**
 * The words behind `hostler` in a command, in whatever way it is called: by itself, through npm and pnpm in this
 * repository, through npx, or inside a container. Undefined: it is another command.
 */
export function hostlerArguments(words: readonly string[]): readonly string[] | undefined {
  const [program = '', ...rest] = words;
  if (program === 'hostler') return rest;
  if (program === 'npx') return afterName(rest, /^(?:hostler|@hostler\/cli(?:@.*)?)$/);
  if (program === 'pnpm')
    return /^(?:-s )?(?:run )?(?:exec )?hostler\b/.test(rest.join(' ')) ? afterName(rest, /^hostler$/) : undefined;
  if (program === 'npm')
    return /^run (?:-s )?hostler --/.test(rest.join(' ')) ? rest.slice(rest.indexOf('--') + 1) : undefined;
  if (program === 'docker' || program === 'kubectl') return insideContainer(rest);
  return undefined;
}

function insideContainer(words: readonly string[]): readonly string[] | undefined {
  const behindExec = words.includes('exec') ? words.slice(words.indexOf('exec') + 1) : undefined;
  if (behindExec !== undefined) {
    const at = behindExec.findIndex((word, index) => word === 'hostler' && index > 0);
    return at < 0 ? undefined : behindExec.slice(at + 1);
  }
  const at = words.findIndex((word) => /(?:^|\/)hostler-(?:api|api-runtimes|cli)(?:[:@].*)?$/.test(word));
  if (at < 0 || !words.includes('run')) return undefined;
  const [first, ...rest] = words.slice(at + 1);
  if (first === 'cli') return rest;
  return words[at]?.includes('hostler-cli') === true && first !== undefined ? [first, ...rest] : undefined;
}

function afterName(words: readonly string[], name: RegExp): readonly string[] | undefined {
  const at = words.findIndex((word) => name.test(word));
  return at < 0 ? undefined : words.slice(at + 1);
}

/** What commander says of a command that lacks something. */
const incomplete = new Set([
  'commander.missingArgument',
  'commander.optionMissingArgument',
  'commander.missingMandatoryOptionValue',
  'commander.help',
]);

/**
 * What is wrong with a command line of `hostler`, judged by the real definitions of its commands; nothing is run.
 * @param isMention of a text that names a command without all it needs
 */
export async function hostlerProblem(words: readonly string[], isMention = false): Promise<string | undefined> {
  const program = createDefinitions();
  if (words.length === 0) return undefined;
  try {
    await program.parseAsync([...words], { from: 'user' });
    return undefined;
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    if (code === 'commander.helpDisplayed' || code === 'commander.version') return undefined;
    return isMention && incomplete.has(code ?? '') ? undefined : message;
  }
}

/** The tree of commands, of which none does anything. */
function createDefinitions(): Command {
  const sink = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });
  const context = {
    arguments: [],
    environment: {},
    workingDirectory: '/',
    stdin: Readable.from([]),
    stdout: sink(),
    stderr: sink(),
    signals: new EventEmitter(),
  };
  const { command } = createProgram(context, { version: '0.0.0', masking: createMasking() });
  silence(command);
  return command;
}

function silence(command: Command): void {
  for (const child of command.commands) {
    silence(child);
    child.action(() => undefined);
  }
}
