import { existsSync } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isHostlerError } from '@hostler/kernel';
import { Secret, secretErrors } from '@hostler/secrets';
import { chaosServer, descendants, openDescriptors, startProcess, temporaryDirectory } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { createConnectStdio } from '../src/stdio/connect-stdio.ts';
import { createKeeper } from '../src/stdio/keeper.ts';
import { findFilePlace } from '../src/stdio/memory-directory.ts';
import { SecretFiles } from '../src/stdio/secret-files.ts';
import { RecordingLog } from './support/recording-log.ts';
import { call, connectStdio, makeStdioContext, until } from './support/stdio-setup.ts';
import type { StdioConnected, StdioSetup } from './support/stdio-setup.ts';

const VALUE = 'canary-4f1c$&-line one\nline two\n';
const LARGE = `canary-large-${'x'.repeat(64 * 1024 - 13)}`;
const VALUES: Readonly<Record<string, string>> = { 'test://value': VALUE, 'test://large': LARGE };

const secrets: NonNullable<StdioSetup['secrets']> = {
  expire: () => {},
  resolve(reference) {
    const value = VALUES[reference];
    if (value !== undefined) return Promise.resolve(new Secret(value, { reference }));
    return Promise.reject(secretErrors.UNAVAILABLE({ details: { reference } }));
  },
};

const inFile = { secret: 'test://value', as: 'file' } as const;
const inDescriptor = { secret: 'test://value', as: 'fd' } as const;

type Environment = Readonly<Record<string, string>>;

async function environmentOf({ connection }: StdioConnected): Promise<Environment> {
  return (await call(connection, 'echo-env')) as Environment;
}

/** What a child reads under the path that a variable holds. */
async function textOf(child: StdioConnected, variable: string): Promise<unknown> {
  const path = (await environmentOf(child))[variable] ?? '';
  return (await call(child.connection, 'read-file', { path }))['text'];
}

describe('a secret delivered as a file', () => {
  it('is for the host’s user alone, in memory, under a path without anything secret, and goes with the child', async () => {
    const child = await connectStdio({ ...chaosServer(), env: { TOKEN_FILE: inFile, PLAIN: 'x' }, secrets });
    const { TOKEN_FILE: path = '', ...others } = await environmentOf(child);
    expect(others).toEqual({ PLAIN: 'x' });
    expect(await call(child.connection, 'read-file', { path })).toEqual({ mode: 0o400, text: VALUE });
    const directory = dirname(path);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect(path).not.toMatch(/canary|value|TOKEN/);
    const place = await findFilePlace({});
    expect(dirname(directory)).toBe(place.path);
    await child.connection.close();
    await expect(stat(directory)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('applies its format, and is as large as a secret may be', async () => {
    await using child = await connectStdio({
      ...chaosServer(),
      env: { A: { ...inFile, format: 'key={};' }, B: { secret: 'test://large', as: 'file' } },
      secrets,
    });
    expect(await textOf(child, 'A')).toBe(`key=${VALUE};`);
    expect(await textOf(child, 'B')).toBe(LARGE);
  });

  it('goes when the child was killed', async () => {
    await using child = await connectStdio({ ...chaosServer(), env: { TOKEN_FILE: inFile }, secrets });
    const { TOKEN_FILE: path = '' } = await environmentOf(child);
    const { pid } = await call(child.connection, 'stats');
    process.kill(Number(pid), 'SIGKILL');
    await child.ended;
    await child.connection.close();
    await expect(stat(dirname(path))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    ['a command that does not exist', { command: 'no-such-command' }],
    ['a child that ends at once', { command: process.execPath, args: ['-e', '0'], era: 'legacy' }],
    ['a working directory that does not exist', { ...chaosServer(), cwd: '/no/such/directory' }],
  ] as const)('leaves nothing of a start that failed: %s', async (_, setup) => {
    const { context } = makeStdioContext({ ...setup, env: { A: inFile, B: inDescriptor }, secrets });
    const before = await leftovers();
    await expect(createConnectStdio({ baseEnvironment: {} })(context)).rejects.toSatisfy(isHostlerError);
    expect(await leftovers()).toEqual(before);
    await until(() => descendants(process.pid).length === 0);
  });

  it('goes with a host that was killed', async () => {
    const fixture = fileURLToPath(new URL('fixtures/secret-host.ts', import.meta.url));
    await using host = await startProcess(process.execPath, ['--conditions=@hostler/source', fixture], {
      waitFor: /directory/,
    });
    const { directory, early } = JSON.parse(host.firstLine) as { directory: string; early: string };
    await stat(directory);
    await stat(early);
    process.kill(host.pid, 'SIGKILL');
    await host.exited;
    expect(await Promise.all([directory, early].map(isGone))).toEqual([true, true]);
  });
});

describe('a secret delivered as a descriptor', () => {
  it('is read from its start, has no name, and cannot be written', async () => {
    await using child = await connectStdio({
      ...chaosServer(),
      env: { A: inDescriptor, B: { ...inDescriptor, format: '<{}>' } },
      secrets,
    });
    expect(await environmentOf(child)).toEqual({ A: '/dev/fd/3', B: '/dev/fd/4' });
    expect(await textOf(child, 'A')).toBe(VALUE);
    expect(await textOf(child, 'A')).toBe(VALUE);
    expect(await textOf(child, 'B')).toBe(`<${VALUE}>`);
    if (process.platform !== 'linux') return;
    const { pid } = await call(child.connection, 'stats');
    expect(await readFile(`/proc/${Number(pid)}/fdinfo/3`, 'utf8')).toMatch(/flags:\s+\d*0$/m);
    expect(await realpath(`/proc/${Number(pid)}/fd/3`).catch(({ code }: NodeJS.ErrnoException) => code)).toBe('ENOENT');
  });

  it('passes through the shell that sets limits', async () => {
    await using child = await connectStdio({
      ...chaosServer(),
      env: { A: inDescriptor, B: inFile },
      resources: { openFiles: 200 },
      secrets,
    });
    expect(await textOf(child, 'A')).toBe(VALUE);
    expect(await textOf(child, 'B')).toBe(VALUE);
  });

  it('is read by a program that knows nothing but the number', async () => {
    const script = 'process.stderr.write(JSON.stringify(require("node:fs").readFileSync(3, "utf8")) + "\\n")';
    const { context, log } = makeStdioContext({
      command: process.execPath,
      args: ['-e', script],
      era: 'legacy',
      env: { A: inDescriptor },
      secrets,
    });
    await expect(createConnectStdio({ baseEnvironment: {} })(context)).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    });
    expect(log.of('debug').map(({ fields }) => fields['stderr'])).toContain(JSON.stringify(VALUE));
  });

  it.runIf(process.platform === 'linux')('leaves no descriptor open in the host', async () => {
    const before = openDescriptors().length;
    for (const setup of [chaosServer(), { command: 'no-such-command' }]) {
      // oxlint-disable-next-line no-await-in-loop -- each is to be counted by itself
      const child = await connectStdio({ ...setup, env: { A: inDescriptor }, secrets }).catch(() => undefined);
      // oxlint-disable-next-line no-await-in-loop
      await child?.connection.close();
    }
    await expect.poll(() => openDescriptors().length, { timeout: 20_000 }).toBeLessThanOrEqual(before);
  });
});

describe('an optional secret', () => {
  it.each(['env', 'file', 'fd'] as const)('that cannot be had is left out and told (as: %s)', async (as) => {
    const env = { A: { secret: 'test://none', optional: true, as }, B: { secret: 'test://value', as } };
    await using child = await connectStdio({ ...chaosServer(), env, secrets });
    expect(Object.keys(await environmentOf(child))).toEqual(['B']);
    expect(child.missing).toEqual([[{ place: 'env.A', reference: 'test://none', code: 'SECRET_UNAVAILABLE' }]]);
  });
});

describe('what is said when it fails', () => {
  const large = Object.fromEntries(
    Array.from({ length: 64 }, (_, index) => [`LARGE_${index}`, { secret: 'test://large' }]),
  );

  it.each<[string, StdioSetup, RegExp]>([
    ['a command that does not exist', { command: 'no-such-command' }, /was not found/],
    ['a directory that does not exist', { ...chaosServer(), cwd: '/no/such/directory' }, /working directory/],
    ['a command that is a directory', { command: '/usr' }, /may not be executed/],
    ['an environment that is too large', { ...chaosServer(), env: large }, /larger than the system allows/],
    [
      'a child that ends at once',
      { command: process.execPath, args: ['-e', '0'], era: 'legacy' },
      /exited with code 0/,
    ],
  ])('holds no secret: %s', async (_, setup, problem) => {
    const env = { KEY: { secret: 'test://value' }, FILE: inFile, FD: inDescriptor, ...setup.env };
    const { context, log } = makeStdioContext({ ...setup, env, secrets });
    const error: unknown = await createConnectStdio({ baseEnvironment: {} })(context).then(
      () => 'it started',
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ details: { problem: expect.stringMatching(problem) } });
    expect(everythingOf(error) + JSON.stringify(log.records, errorsToo)).not.toMatch(/canary|hostler-/);
  });
});

describe('where there is no file system in memory', () => {
  it('the directory for temporary files is used, which is said once and names no path', async () => {
    await using directory = await temporaryDirectory();
    const log = new RecordingLog();
    const keeper = createKeeper(log);
    const files = new SecretFiles({
      keeper,
      log,
      environment: { XDG_RUNTIME_DIR: directory.path },
      platform: 'darwin',
    });
    const values = [{ variable: 'A', as: 'file', text: VALUE }] as const;
    const handed = await Promise.all([files.hand('child', values), files.hand('child', values)]);
    await Promise.all(handed.map((one) => one.remove()));
    expect(log.records).toEqual([{ level: 'warn', fields: {}, message: expect.stringContaining('touch the disk') }]);
  });

  it.runIf(process.platform === 'linux')(
    'a directory on disk, or of another user, is not taken for memory',
    async () => {
      const { path, isMemory } = await findFilePlace({ XDG_RUNTIME_DIR: '/proc' }, 'linux');
      expect({ path, isMemory }).toEqual({ path: '/dev/shm', isMemory: true });
    },
  );
});

async function leftovers(): Promise<string[]> {
  const { path } = await findFilePlace({});
  return (await readdir(path)).filter((name) => name.startsWith(`hostler-${process.pid}-`)).sort();
}

/** Resolves when there is nothing under the path any more. */
async function isGone(path: string): Promise<true> {
  await until(() => !existsSync(path));
  return true;
}

function errorsToo(_: string, value: unknown): unknown {
  return value instanceof Error ? everythingOf(value) : value;
}

/** Whatever a log or an error page could take from an error. */
function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const members = JSON.stringify(Object.entries(error));
  return `${error.stack} ${members} ${error.cause === undefined ? '' : everythingOf(error.cause)}`;
}
