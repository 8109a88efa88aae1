import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKey } from '@hostler/auth';
import { chaosServer, startProcess, temporaryDirectory } from '@hostler/test-kit';
import type { RunningProcess, TemporaryDirectory } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runIn } from './support/run-in-memory.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const [ci, web, stored, bare] = [createKey(), createKey(), createKey(), createKey()];
const config = {
  servers: { one: chaosServer(), two: chaosServer() },
  consumers: {
    ci: { keys: [{ hash: ci.hash }], servers: ['one'], deny: ['tool:one/echo'], roles: ['viewer'] },
    web: { keys: [{ hash: web.hash }, { secret: 'file://./web.key', expires: '2999-01-01' }], roles: ['viewer'] },
    bare: { keys: [{ hash: bare.hash }] },
  },
  listen: { port: 0 },
  reload: { watch: true },
};
let folder: TemporaryDirectory;
let host: RunningProcess;
let url: string;
interface Ready {
  readonly port: number;
  readonly consumers: readonly string[];
}
let ready: Ready;

beforeAll(async () => {
  folder = await temporaryDirectory();
  await writeFile(join(folder.path, 'hostler.json'), JSON.stringify(config));
  await writeFile(join(folder.path, 'web.key'), `${stored.key}\n`, { mode: 0o600 });
  host = await startProcess(process.execPath, ['--conditions=@hostler/source', main, 'run', '--json'], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  ready = JSON.parse(await host.stdout.take(() => true, 50_000)) as Ready;
  url = `http://127.0.0.1:${ready.port}`;
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function hostler(line: readonly string[], options: Parameters<typeof runIn>[2] = {}) {
  const { exitCode, stdout, stderr } = await runIn(folder.path, line, options);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

/** A command line in a process of its own, with servers that are real. */
async function inProcess(...line: string[]) {
  const parameters = ['--conditions=@hostler/source', main, ...line];
  const env = { PATH: process.env['PATH'] ?? '' };
  await using child = await startProcess(process.execPath, parameters, { cwd: folder.path, env });
  child.closeStdin();
  const { code } = await child.exited;
  await Promise.all([child.stdout.ended, child.stderr.ended]);
  return { exitCode: code, stdout: child.stdout.text(), stderr: child.stderr.text() };
}

describe('a running host that knows its consumers', () => {
  it('names them on its first line', () => {
    expect(ready.consumers).toEqual(['ci', 'web', 'bare']);
  });

  it('answers who shows a key, from the environment or a file', async () => {
    const shown = await hostler(['servers', '--url', url], { environment: { HOSTLER_KEY: web.key } });
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^two +up/m);
    const named = await hostler(['servers', 'list', '--url', url, '--key-file', 'web.key']);
    expect(named).toMatchObject({ exitCode: 0, stdout: shown.stdout });
  });

  it('refuses everybody else, and the command says what to do', async () => {
    const without = await hostler(['servers', '--url', url]);
    expect(without.exitCode).toBe(4);
    expect(without.stderr).toContain('set HOSTLER_KEY, or name a file that holds it with --key-file');
    const unknown = createKey().key;
    const wrong = await hostler(['servers', '--url', url], { environment: { HOSTLER_KEY: unknown } });
    expect(wrong.exitCode).toBe(4);
    expect(wrong.stderr).toContain('hostler keys verify');
    expect(wrong.stderr).not.toContain(unknown);
    const json = await hostler(['servers', '--url', url, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'CLI_HOST_REFUSED', reason: 'AUTH_MISSING' } });
  });

  it('says which permission is missing, and what gives it', async () => {
    const refused = await hostler(['servers', '--url', url], { environment: { HOSTLER_KEY: bare.key } });
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain('needs the permission servers:read');
    expect(refused.stderr).toContain('roles: [viewer]');
  });

  it('says so when nothing was sent because the key cannot be read', async () => {
    const missing = await hostler(['servers', '--url', url, '--key-file', 'nowhere']);
    expect(missing.stderr).toContain('The key cannot be read from nowhere: ENOENT.');
    expect(missing.exitCode).toBe(2);
  });

  it('knows a new key, and no longer an old one, as soon as the file says so', async () => {
    const next = createKey();
    const changed = {
      ...config,
      consumers: { ...config.consumers, ci: { keys: [{ hash: next.hash }], roles: ['viewer'] } },
    };
    await writeFile(join(folder.path, 'hostler.json'), JSON.stringify(changed));
    const exitCodeWith = async (key: string): Promise<number> =>
      (await hostler(['servers', '--url', url], { environment: { HOSTLER_KEY: key } })).exitCode;
    await expect.poll(() => exitCodeWith(next.key), { timeout: 20_000 }).toBe(0);
    expect(await exitCodeWith(ci.key)).toBe(4);
    expect(await exitCodeWith(web.key)).toBe(0);
    await writeFile(join(folder.path, 'hostler.json'), JSON.stringify(config));
    await expect.poll(() => exitCodeWith(ci.key), { timeout: 20_000 }).toBe(0);
  });
});

describe('the view of a consumer in a host of the command', () => {
  it('is what --as shows, and what it may call', async () => {
    const all = JSON.parse((await inProcess('tools', '--json')).stdout) as { tools: { name: string }[] };
    const seen = JSON.parse((await inProcess('tools', '--json', '--as', 'ci')).stdout) as typeof all;
    const names = (list: typeof all): string[] => list.tools.map(({ name }) => name).sort();
    const expected = names(all).filter((name) => name.startsWith('one__') && name !== 'one__echo');
    expect(expected.length).toBeGreaterThan(0);
    expect(names(seen)).toEqual(expected);
    const denied = await inProcess('call', 'one__echo', '--as', 'ci');
    expect(denied).toMatchObject({ exitCode: 5, stdout: '' });
    expect(denied.stderr).toContain('There is no tool "one__echo"');
    const why = await hostler(['why', 'one__echo', '--as', 'ci']);
    expect(why).toMatchObject({ exitCode: 5, stdout: 'hidden: "tool:one/echo" in "deny" of ci fits\n' });
  });

  it('is what a client on standard input gets', async () => {
    const parameters = ['--conditions=@hostler/source', main, 'stdio', '--as', 'ci'];
    const env = { PATH: process.env['PATH'] ?? '' };
    await using child = await startProcess(process.execPath, parameters, { cwd: folder.path, env });
    const clientInfo = { name: 'test', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const requests = [
      { id: 1, method: 'initialize', params },
      { method: 'notifications/initialized' },
      { id: 2, method: 'tools/list' },
      { id: 3, method: 'tools/call', params: { name: 'one__echo', arguments: {} } },
      { id: 4, method: 'tools/call', params: { name: 'one__ok', arguments: {} } },
    ];
    for (const request of requests) child.write(`${JSON.stringify({ jsonrpc: '2.0', ...request })}\n`);
    const answer = async (id: number): Promise<string> =>
      child.stdout.take((line) => line.includes(`"id":${id}`), 40_000);
    const list = await answer(2);
    expect(list).toContain('"one__ok"');
    expect(list).not.toContain('"one__echo"');
    expect(list).not.toContain('two__');
    expect(await answer(3)).toContain('"error"');
    expect(await answer(4)).toContain('"result"');
    child.closeStdin();
    expect((await child.exited).code).toBe(0);
  });

  it('hides a server as a whole', async () => {
    const hidden = await inProcess('tools', '--server', 'two', '--as', 'ci');
    expect(hidden.exitCode).toBe(5);
    expect(hidden.stdout).toBe('');
  });
});

describe('hostler keys verify', () => {
  it('finds a key that is kept as a secret, and starts no server for that', async () => {
    const parameters = ['--conditions=@hostler/source', main, 'keys', 'verify'];
    const env = { PATH: process.env['PATH'] ?? '' };
    await using child = await startProcess(process.execPath, parameters, { cwd: folder.path, env });
    child.write(`${stored.key}\n`);
    child.closeStdin();
    const { code } = await child.exited;
    await child.stdout.ended;
    expect(child.stdout.text()).toBe('It is a key of web, good until 2999-01-01T00:00:00.000Z.\n');
    expect(code).toBe(0);
  });
});

describe('hostler doctor', () => {
  it('names the consumers, and tells of keys that have expired', async () => {
    await using own = await temporaryDirectory();
    const consumers = { ci: { keys: [{ hash: ci.hash }] }, old: { keys: [{ hash: web.hash, expires: '2020-01-01' }] } };
    await writeFile(join(own.path, 'hostler.json'), JSON.stringify({ servers: {}, consumers, listen: { port: 0 } }));
    const { stdout } = await runIn(own.path, ['doctor']);
    expect(stdout()).toContain('✓ consumers: ci, old');
    expect(stdout()).toContain('this key has expired');
  });
});
