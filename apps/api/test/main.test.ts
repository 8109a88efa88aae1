import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  alive,
  chaosServer,
  descendants,
  exchange,
  openLegacySession,
  startProcess,
  temporaryDirectory,
} from '@hostler/test-kit';
import type { RunningProcess, StartOptions } from '@hostler/test-kit';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function start(
  parameters: readonly string[],
  options: StartOptions & { env?: Record<string, string> },
): Promise<RunningProcess> {
  const env = { PATH: process.env['PATH'] ?? '', PORT: '0', ...options.env };
  return startProcess(process.execPath, ['--conditions=@hostler/source', main, ...parameters], { ...options, env });
}

async function writeConfig(folder: string, grace = '10s'): Promise<string> {
  const path = join(folder, 'hostler.json');
  await writeFile(path, JSON.stringify({ servers: { one: chaosServer() }, shutdown: { grace } }));
  return path;
}

async function urlOf(server: RunningProcess): Promise<string> {
  const line = await server.stderr.take((text) => text.includes('"listening"'), 30_000);
  return (JSON.parse(line) as { url: string }).url;
}

async function callUnderWay(url: string, tool: string, parameters: object) {
  const session = await openLegacySession(`${url}/servers/one/mcp`);
  const call = session.call('tools/call', { name: tool, arguments: parameters });
  call.catch(() => undefined);
  await expect
    .poll(async () => JSON.stringify((await session.call('tools/call', { name: 'stats', arguments: {} })).messages), {
      timeout: 15_000,
    })
    .toContain(tool);
  return { call };
}

describe('the server process', () => {
  it('serves the file of HOSTLER_CONFIG, answers what is under way at SIGTERM, and exits 0 with no child left', async () => {
    await using folder = await temporaryDirectory();
    const HOSTLER_CONFIG = await writeConfig(folder.path);
    await using server = await start([], { env: { HOSTLER_CONFIG } });
    const url = await urlOf(server);
    await server.stderr.take((line) => line.includes('"started"'), 30_000);
    expect((await exchange(`${url}/readyz`)).status).toBe(200);
    const children = descendants(server.pid);
    expect(children.length).toBeGreaterThan(0);
    const { call } = await callUnderWay(url, 'slow', { ms: 500 });
    process.kill(server.pid, 'SIGTERM');
    expect((await call).messages.at(-1)?.result).toMatchObject({ content: [{ text: 'slow' }] });
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(children.filter(alive)).toEqual([]);
    await server.stderr.ended;
    for (const line of server.stderr.text().trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(server.stdout.text()).toBe('');
  });

  it('reads its file again at SIGHUP, and goes on', async () => {
    await using folder = await temporaryDirectory();
    const path = await writeConfig(folder.path);
    await using server = await start([path], {});
    const url = await urlOf(server);
    await server.stderr.take((line) => line.includes('"started"'), 30_000);
    await writeFile(path, JSON.stringify({ servers: {}, shutdown: { grace: '1s' } }));
    process.kill(server.pid, 'SIGHUP');
    const line = await server.stderr.take((text) => text.includes('taken over'), 30_000);
    expect(JSON.parse(line)).toMatchObject({ generation: 2, removed: ['one'], applied: ['shutdown.grace'] });
    expect(JSON.parse((await exchange(`${url}/readyz`)).text)).toMatchObject({ configuration: { generation: 2 } });
    process.kill(server.pid, 'SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  it('keeps its environment out of a diagnostic report that somebody asks for', async () => {
    await using folder = await temporaryDirectory();
    const NODE_OPTIONS = `--report-on-signal --report-directory=${folder.path} --report-filename=report.json`;
    const config = await writeConfig(folder.path);
    await using server = await start([config], { env: { NODE_OPTIONS, TOKEN: 'canary-8d1f6a0b' } });
    await server.stderr.take((line) => line.includes('"started"'), 30_000);
    process.kill(server.pid, 'SIGUSR2');
    const report = (): Promise<string> => readFile(join(folder.path, 'report.json'), 'utf8').catch(() => '');
    await expect.poll(report, { timeout: 30_000 }).toContain('"sharedObjects"');
    expect(await report()).not.toContain('canary-8d1f6a0b');
  });

  it('masks an error that nobody caught, and exits 1', async () => {
    await using folder = await temporaryDirectory();
    const secretsPackage = new URL('../../../packages/secrets/src/index.ts', import.meta.url).href;
    await writeFile(
      join(folder.path, 'provider.mjs'),
      `import { defineSecretProvider } from ${JSON.stringify(secretsPackage)};
       const value = 'canary-3e77c1d9a4';
       export const own = defineSecretProvider({ scheme: 'own', create: () => ({
         async read({ path }) {
           if (path === 'bad') setTimeout(() => void Promise.reject(new Error('near canary-3e77c1d9a4', { cause: value })), 1);
           return { value };
         },
       }) });`,
    );
    const servers = { one: { ...chaosServer(), env: { A: { secret: 'own://good' } } } };
    const secrets = { providers: [{ use: './provider.mjs' }] };
    const path = join(folder.path, 'hostler.json');
    await writeFile(path, JSON.stringify({ servers, secrets }));
    await using server = await start([path], {});
    await server.stderr.take((line) => line.includes('"started"'), 30_000);
    await writeFile(
      path,
      JSON.stringify({ servers: { two: { ...chaosServer(), env: { A: { secret: 'own://bad' } } } }, secrets }),
    );
    process.kill(server.pid, 'SIGHUP');
    expect(await server.exited).toEqual({ code: 1, signal: null });
    await server.stderr.ended;
    expect(server.stderr.text()).toContain('near [secret]');
    expect(server.stderr.text()).not.toContain('canary-3e77c1d9a4');
    for (const line of server.stderr.text().trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  it('stops at once and exits 1 at a second signal, with no child left', async () => {
    await using folder = await temporaryDirectory();
    await using server = await start([await writeConfig(folder.path, '5m')], {});
    const url = await urlOf(server);
    await callUnderWay(url, 'hang', {});
    const children = descendants(server.pid);
    process.kill(server.pid, 'SIGTERM');
    await server.stderr.take((line) => line.includes('"stopping"'), 30_000);
    // Two signals within half a second are one request.
    const again = setInterval(() => process.kill(server.pid, 'SIGTERM'), 200);
    void server.exited.then(() => clearInterval(again));
    expect(await server.exited).toEqual({ code: 1, signal: null });
    expect(children.filter(alive)).toEqual([]);
  });

  it.each<[string, string[], Record<string, string>, [number, string]]>([
    ['no configuration', [], {}, [2, 'HOSTLER_CONFIG']],
    ['a file that is not there', ['/nonexistent/hostler.yaml'], {}, [2, 'CONFIG_NOT_FOUND']],
    ['an open address', ['CONFIG'], { HOST: '0.0.0.0' }, [1, 'API_OPEN_BIND']],
    ['a port that is none', ['CONFIG'], { PORT: 'x' }, [1, 'PORT must be']],
  ])('refuses %s with one line of JSON', async (_what, parameters, env, [code, message]) => {
    await using folder = await temporaryDirectory();
    const config = await writeConfig(folder.path);
    await using server = await start(
      parameters.map((one) => (one === 'CONFIG' ? config : one)),
      { env },
    );
    expect((await server.exited).code).toBe(code);
    await server.stderr.ended;
    const lines = server.stderr.text().trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: expect.anything() as unknown });
    expect(lines[0]).toContain(message);
  });
});
