import { describe, expect, it } from 'vitest';
import { configFor, runInMemory } from '../test/support/run-in-memory.ts';
import type { FakeServer } from '../test/support/fake-runtime.ts';

const echo: FakeServer = {
  name: 'everything',
  tools: [
    {
      name: 'echo',
      description: 'Says it back',
      inputSchema: {
        type: 'object',
        properties: { message: { type: 'string', description: 'What to say' }, count: { type: 'number' } },
        required: ['message'],
      },
    },
  ],
  prompts: [{ name: 'greet' }],
  resources: [{ uri: 'demo://a', name: 'A' }],
  answer: ({ request }) => ({ content: [{ type: 'text', text: JSON.stringify(request.params['arguments']) }] }),
};
const down: FakeServer = { name: 'files', down: 'The program "nope" was not found. Install it.' };
const files = { 'hostler.json': configFor('everything', 'files') };

describe('the command line', () => {
  it('prints its version', async () => {
    const { exitCode, stdout } = await runInMemory(['--version']);
    expect(exitCode).toBe(0);
    expect(stdout()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('prints help without arguments', async () => {
    const { exitCode, stdout } = await runInMemory([]);
    expect(exitCode).toBe(0);
    expect(stdout()).toContain('Usage: hostler');
  });

  it.each([
    ['an unknown command', ['rum'], 'Did you mean run?'],
    ['an unknown option', ['tools', '--josn'], 'Did you mean --json?'],
    ['a missing argument', ['call'], 'missing required argument'],
    ['a shell it does not know', ['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
    ['two configurations', ['validate', 'a.yaml', '--config', 'b.yaml'], 'Two configurations are named'],
    ['a port that is none', ['run', '--port', 'http'], '--port must be a whole number'],
    ['an argument without =', ['call', 'everything__echo', '--arg', 'message'], '--arg takes key=value'],
    ['arguments that are not JSON', ['call', 'everything__echo', '--args', '{'], '--args is not JSON'],
    ['a server that is not configured', ['tools', '--server', 'nope'], 'There are: everything, files'],
  ])('refuses %s with exit code 2', async (_what, line, message) => {
    const { exitCode, stderr } = await runInMemory(line, { files, servers: [echo, down] });
    expect(stderr()).toContain(message);
    expect(exitCode).toBe(2);
  });

  it('says where it looked when there is no configuration', async () => {
    const { exitCode, stderr } = await runInMemory(['tools']);
    expect(stderr()).toContain('hostler.yaml, hostler.yml, hostler.json, .mcp.json');
    expect(exitCode).toBe(2);
  });

  it('takes global options before and after the command', async () => {
    const before = await runInMemory(['--json', 'tools'], { files, servers: [echo, down] });
    const after = await runInMemory(['tools', '--json'], { files, servers: [echo, down] });
    expect(JSON.parse(before.stdout())).toEqual(JSON.parse(after.stdout()));
  });

  it.each([
    ['an unknown command', ['--json', 'rum'], "unknown command 'rum' (Did you mean run?)"],
    ['an unknown option', ['tools', '--josn', '--json'], "unknown option '--josn' (Did you mean --json?)"],
    ['no command', ['--json'], 'A command is missing: hostler --help lists them.'],
  ])('reports %s as JSON when asked for JSON', async (_what, line, message) => {
    const { exitCode, stdout, stderr } = await runInMemory(line);
    expect(JSON.parse(stdout())).toMatchObject({ error: { code: 'CLI_USAGE', message } });
    expect(stderr()).toBe('');
    expect(exitCode).toBe(2);
  });

  it('answers "help" as "--help" is answered', async () => {
    const { exitCode, stdout } = await runInMemory(['help', 'prompts', 'get']);
    expect(stdout()).toBe((await runInMemory(['prompts', 'get', '--help'])).stdout());
    expect(exitCode).toBe(0);
    expect((await runInMemory(['help', 'rum'])).exitCode).toBe(2);
  });

  it('keeps its help within a narrow terminal', async () => {
    const { stdout } = await runInMemory(['tools', '--help'], { columns: 60 });
    const options = stdout()
      .split('\n')
      .filter((line) => /^ {2,}[-\w(]/.test(line) && !line.includes('hostler '));
    expect(options.length).toBeGreaterThan(8);
    for (const line of options) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('finds a configuration that ends in .yml', async () => {
    const { exitCode } = await runInMemory(['validate'], { files: { 'hostler.yml': 'servers: {}\n' } });
    expect(exitCode).toBe(0);
  });

  it('reports an error as one line of JSON when asked for JSON', async () => {
    const { exitCode, stdout, stderr } = await runInMemory(['tools', '--server', 'nope', '--json'], { files });
    expect(JSON.parse(stdout())).toMatchObject({ error: { code: 'CLI_USAGE' } });
    expect(stderr()).toBe('');
    expect(exitCode).toBe(2);
  });

  it('shows every problem of a configuration with its place, from the working directory', async () => {
    const broken = { 'hostler.yaml': 'servers:\n  one:\n    comand: node\n  two:\n    url: ftp://x\n' };
    const { exitCode, stderr } = await runInMemory(['tools'], { files: broken });
    expect(stderr()).toMatch(/^error hostler\.yaml:3:5 /m);
    expect(stderr()).toMatch(/^error hostler\.yaml:5:\d+ /m);
    expect(exitCode).toBe(2);
  });

  it.each([
    ['a terminal', { columns: 80 }, ['tools'], true],
    ['no terminal', {}, ['tools'], false],
    ['a terminal with NO_COLOR', { columns: 80, environment: { NO_COLOR: '1' } }, ['tools'], false],
    ['a terminal with an empty NO_COLOR', { columns: 80, environment: { NO_COLOR: '' } }, ['tools'], true],
    ['a terminal with --no-color', { columns: 80 }, ['tools', '--no-color'], false],
  ])('on %s, colour follows', async (_where, world, line, isColored) => {
    const { stdout } = await runInMemory(line, { files, servers: [echo], ...world });
    expect(stdout().includes('\u001b[')).toBe(isColored);
  });
});

describe('tools', () => {
  it('lists what there is and says what is missing', async () => {
    const { exitCode, stdout, stderr, runtimes } = await runInMemory(['tools'], { files, servers: [echo, down] });
    expect(stdout()).toBe('NAME              DESCRIPTION\neverything__echo  Says it back\n');
    expect(stderr()).toBe('missing the tools of files: The program "nope" was not found. Install it.\n');
    expect(exitCode).toBe(0);
    expect(runtimes[0]?.isClosed()).toBe(true);
  });

  it('ends with 3 when no server is up', async () => {
    const only = { 'hostler.json': configFor('files') };
    expect((await runInMemory(['tools'], { files: only, servers: [down] })).exitCode).toBe(3);
  });

  it('ends with 3 when the one server that was asked for is down', async () => {
    const { exitCode, stderr } = await runInMemory(['tools', '--server', 'files'], { files, servers: [echo, down] });
    expect(stderr()).toContain('The server "files" is not up: The program "nope" was not found.');
    expect(exitCode).toBe(3);
  });

  it('shows on a terminal how the servers start, and takes that away', async () => {
    const { stdout, stderr } = await runInMemory(['tools', '--no-color'], { files, servers: [echo], columns: 80 });
    expect(stderr()).toContain('… everything  starting');
    expect(stderr().endsWith('\u001b[J')).toBe(true);
    expect(stdout()).toContain('everything__echo  Says it back');
  });

  it('does not claim that there are none while a server could not be asked', async () => {
    const only = { 'hostler.json': configFor('files') };
    const { stderr } = await runInMemory(['tools'], { files: only, servers: [down] });
    expect(stderr()).toBe('missing the tools of files: The program "nope" was not found. Install it.\n');
  });

  it('breaks a long description between words', async () => {
    const tools = [{ name: 'long', description: 'every word of this description is kept whole on a narrow terminal' }];
    const { stdout } = await runInMemory(['tools', 'everything__long', '--no-color'], {
      files,
      servers: [{ name: 'everything', tools }],
      columns: 30,
    });
    expect(stdout()).toContain('\nevery word of this description\nis kept whole on a narrow\nterminal\n');
  });

  it('shows one tool with its arguments', async () => {
    const { stdout } = await runInMemory(['tools', 'everything__echo'], { files, servers: [echo] });
    expect(stdout()).toContain('--arg message=…  (string, required) What to say');
  });

  it('starts only the server that a name points to', async () => {
    const { runtimes } = await runInMemory(['tools', 'everything__echo'], { files, servers: [echo, down] });
    expect(runtimes[0]?.plan.servers.map(({ name }) => name)).toEqual(['everything']);
  });
});

describe('call', () => {
  it.each([
    ['a tool', ['call', 'echo']],
    ['the arguments of a tool', ['tools', 'echo']],
    ['a prompt', ['prompts', 'get', 'greet']],
    ['a resource', ['resources', 'read', 'demo://a']],
  ])('ends with 3 when %s is asked for and no server is up', async (_what, line) => {
    const only = { 'hostler.json': configFor('files') };
    const { exitCode, stderr } = await runInMemory(line, { files: only, servers: [down] });
    expect(stderr()).toContain('The server "files" is not up');
    expect(exitCode).toBe(3);
  });

  it('says which servers could not be asked for a tool that is not found', async () => {
    const { exitCode, stderr } = await runInMemory(['call', 'ecko'], { files, servers: [echo, down] });
    expect(stderr()).toContain('There is no tool "ecko". Not asked, because not up: files.');
    expect(exitCode).toBe(5);
  });

  it('starts nothing for an argument that is none', async () => {
    const { runtimes } = await runInMemory(['call', 'everything__echo', '--arg', 'x'], { files, servers: [echo] });
    expect(runtimes).toEqual([]);
  });

  it('gives text as text and numbers as numbers', async () => {
    const line = ['call', 'everything__echo', '--arg', 'message=42', '--arg', 'count=42', '--arg', 'other={"a":1}'];
    const { exitCode, stdout } = await runInMemory(line, { files, servers: [echo] });
    expect(JSON.parse(stdout())).toEqual({ message: '42', count: 42, other: { a: 1 } });
    expect(exitCode).toBe(0);
  });

  it('takes all arguments as JSON, also from standard input, and single ones over them', async () => {
    const line = ['call', 'everything__echo', '--args', '-', '--arg', 'count=2'];
    const { stdout } = await runInMemory(line, { files, servers: [echo], stdin: '{"message":"a","count":1}' });
    expect(JSON.parse(stdout())).toEqual({ message: 'a', count: 2 });
  });

  it('refuses a value that the tool cannot take', async () => {
    const { exitCode, stderr } = await runInMemory(['call', 'everything__echo', '--arg', 'count=many'], {
      files,
      servers: [echo],
    });
    expect(stderr()).toContain('wants number for "count"');
    expect(exitCode).toBe(2);
  });

  it('uses the own names of one server', async () => {
    const { exitCode, runtimes } = await runInMemory(['call', 'echo', '--server', 'everything'], {
      files,
      servers: [echo],
    });
    expect(exitCode).toBe(0);
    expect(runtimes[0]?.exchanges.at(-1)).toMatchObject({ scope: { kind: 'server', name: 'everything' } });
  });

  it('ends with 5 and a suggestion when there is no such tool', async () => {
    const { exitCode, stderr } = await runInMemory(['call', 'echo'], { files, servers: [echo] });
    expect(stderr()).toContain('There is no tool "echo". Did you mean everything__echo?');
    expect(exitCode).toBe(5);
  });

  it('ends with 3 when the server of the tool is down', async () => {
    expect((await runInMemory(['call', 'files__read'], { files, servers: [echo, down] })).exitCode).toBe(3);
  });

  it('ends with 4 and the content when the tool reports an error', async () => {
    const failing = { ...echo, answer: () => ({ isError: true, content: [{ type: 'text', text: 'no such city' }] }) };
    const { exitCode, stdout, stderr } = await runInMemory(['call', 'everything__echo'], { files, servers: [failing] });
    expect(stdout()).toBe('no such city\n');
    expect(stderr()).toContain('The tool reported an error:');
    expect(exitCode).toBe(4);
  });

  it('ends with 4 and the reason when the server refuses', async () => {
    const refusing = { ...echo, answer: () => ({ code: -32602, message: 'bad \u001b[31mparams' }) };
    const { exitCode, stderr } = await runInMemory(['call', 'everything__echo'], { files, servers: [refusing] });
    expect(stderr()).toContain('bad params');
    expect(exitCode).toBe(4);
  });

  it('strips what a server sends to steer the terminal, and keeps it in JSON', async () => {
    const text = 'red\u001b[31m \u001b]0;title\u0007bell\u0007 \u202Eback';
    const hostile = { ...echo, answer: () => ({ content: [{ type: 'text', text }] }) };
    const plain = await runInMemory(['call', 'everything__echo'], { files, servers: [hostile] });
    expect(plain.stdout()).toBe('red bell back\n');
    const json = await runInMemory(['call', 'everything__echo', '--json'], { files, servers: [hostile] });
    expect(JSON.parse(json.stdout())).toEqual({ content: [{ type: 'text', text }] });
  });

  it('names what is not text', async () => {
    const picture = { ...echo, answer: () => ({ content: [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }] }) };
    const { stdout } = await runInMemory(['call', 'everything__echo'], { files, servers: [picture] });
    expect(stdout()).toBe('[image image/png, 3 bytes; --json shows it]\n');
  });

  it('stops the servers and ends with 130 when it is interrupted', async () => {
    const { promise: called, resolve } = Promise.withResolvers<void>();
    const slow: FakeServer = {
      ...echo,
      answer: ({ signal }) => {
        resolve();
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('cancelled'))),
        );
      },
    };
    const { exitCode, runtimes } = await runInMemory(['call', 'everything__echo'], {
      files,
      servers: [slow],
      during: (running) => void called.then(() => running.signal('SIGINT')),
    });
    expect(exitCode).toBe(130);
    expect(runtimes[0]?.isClosed()).toBe(true);
  });
});

describe('prompts and resources', () => {
  it('prints the messages of a prompt', async () => {
    const messages = [{ role: 'user', content: { type: 'text', text: 'Hello' } }];
    const prompting: FakeServer = { ...echo, answer: () => ({ messages }) };
    const line = ['prompts', 'get', 'everything__greet', '--arg', 'age=3'];
    const { stdout, runtimes } = await runInMemory(line, { files, servers: [prompting] });
    expect(stdout()).toBe('user:\nHello\n');
    expect(runtimes[0]?.exchanges.at(-1)?.request.params).toEqual({
      name: 'everything__greet',
      arguments: { age: '3' },
    });
  });

  it('ends with 5 when there is no such prompt', async () => {
    expect((await runInMemory(['prompts', 'get', 'everything__x'], { files, servers: [echo] })).exitCode).toBe(5);
  });

  it('lists resources by their URI', async () => {
    const { stdout } = await runInMemory(['resources', '--quiet'], { files, servers: [echo] });
    expect(stdout()).toBe('URI       DESCRIPTION\ndemo://a  A\n');
  });

  it('writes a binary resource as it is when standard output is no terminal', async () => {
    const binary: FakeServer = { ...echo, answer: () => ({ contents: [{ uri: 'demo://a', blob: 'aGkK' }] }) };
    const { stdout } = await runInMemory(['resources', 'read', 'demo://a'], { files, servers: [binary] });
    expect(stdout()).toBe('hi\n');
    const terminal = await runInMemory(['resources', 'read', 'demo://a'], { files, servers: [binary], columns: 80 });
    expect(terminal.stdout()).toContain('[binary, 3 bytes');
  });

  it('ends with 5 when the server knows no such resource', async () => {
    const missing: FakeServer = { ...echo, answer: () => ({ code: -32002, message: 'Resource not found' }) };
    expect((await runInMemory(['resources', 'read', 'demo://b'], { files, servers: [missing] })).exitCode).toBe(5);
  });

  it('has empty lists for a server without the capability', async () => {
    const bare: FakeServer = { name: 'everything' };
    const { exitCode, stderr } = await runInMemory(['prompts', '--server', 'everything'], { files, servers: [bare] });
    expect(stderr()).toBe('No prompts.\n');
    expect(exitCode).toBe(0);
  });
});
