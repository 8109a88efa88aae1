import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { exitCodes, runCli } from '@hostler/cli';
import { describe, expect, it } from 'vitest';

/** What a command line prints, without a process. */
async function printed(...line: string[]): Promise<string> {
  const chunks: string[] = [];
  const sink = (): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk.toString());
        done();
      },
    });
  await runCli({
    arguments: line,
    environment: {},
    workingDirectory: '/',
    stdin: Readable.from([]),
    stdout: sink(),
    stderr: sink(),
    signals: new EventEmitter(),
  });
  return chunks.join('');
}

/** Names at the beginning of the lines of one block of the help. */
function namesIn(help: string, block: string): string[] {
  const lines = help.split(`\n${block}:\n`)[1]?.split('\n\n')[0]?.split('\n') ?? [];
  return lines
    .flatMap((line) => /^ {2}((?:-\w, )?-{0,2}[a-z][\w-]*)/.exec(line)?.[1]?.replace(/^-\w, /, '') ?? [])
    .sort();
}

describe('the command line that scripts rely on', () => {
  it('has these commands', async () => {
    expect(namesIn(await printed('--help'), 'Commands')).toEqual([
      'audit',
      'call',
      'completion',
      'doctor',
      'health',
      'import',
      'keys',
      'lock',
      'log',
      'new',
      'oauth',
      'prompts',
      'resources',
      'run',
      'schema',
      'secrets',
      'servers',
      'stdio',
      'tools',
      'validate',
      'why',
    ]);
  });

  it.each([
    ['secrets', ['check', 'get', 'list', 'rekey', 'rm', 'rotate', 'set']],
    ['audit', ['export', 'search', 'tail', 'verify']],
    ['keys', ['create', 'verify']],
    ['new', ['secret-provider']],
    ['oauth', ['list', 'revoke']],
  ])('%s has these commands', async (command, commands) => {
    expect(namesIn(await printed(command, '--help'), 'Commands')).toEqual(commands);
  });

  it.each([
    ['run', ['--help', '--host', '--port']],
    ['call', ['--arg', '--args', '--as', '--help', '--server']],
    ['import', ['--force', '--help', '--out']],
    ['stdio', ['--as', '--help', '--server']],
    ['tools', ['--as', '--help', '--server']],
    ['prompts', ['--as', '--help', '--server']],
    ['resources', ['--as', '--help', '--server']],
    ['why', ['--as', '--help']],
    ['audit tail', ['--consumer', '--follow', '--help', '--lines', '--outcome', '--server', '--since', '--tool']],
    ['audit search', ['--consumer', '--help', '--kind', '--outcome', '--server', '--since', '--tool', '--until']],
    ['audit export', ['--consumer', '--format', '--help', '--since']],
    ['audit verify', ['--expect', '--help', '--key']],
    ['keys create', ['--expires', '--help']],
    ['keys verify', ['--help']],
    ['health', ['--help', '--live', '--timeout', '--url']],
    ['servers', ['--help', '--key-file', '--url']],
    ['new secret-provider', ['--dir', '--help']],
    ['oauth list', ['--help', '--key-file', '--url']],
    ['oauth revoke', ['--help', '--key-file', '--url']],
    ['secrets check', ['--help']],
    ['secrets rotate', ['--help', '--key-file', '--url']],
    ['secrets set', ['--file', '--help']],
    ['secrets get', ['--file', '--help', '--reveal']],
    ['secrets list', ['--file', '--help']],
    ['secrets rm', ['--file', '--help']],
    ['secrets rekey', ['--file', '--help', '--new-key-file']],
  ])('%s has these options', async (command, options) => {
    expect(namesIn(await printed(...command.split(' '), '--help'), 'Options')).toEqual(expect.arrayContaining(options));
  });

  it('ends with these exit codes', () => {
    expect(exitCodes).toEqual({
      OK: 0,
      UNEXPECTED: 1,
      USAGE: 2,
      SERVER_DOWN: 3,
      CALL_FAILED: 4,
      NOT_FOUND: 5,
      INTERRUPTED: 130,
    });
  });
});
