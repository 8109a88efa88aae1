import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '@hostler/config';
import type { JsonObject } from '@hostler/kernel';
import { createRuntime } from '@hostler/runtime';
import type { Runtime } from '@hostler/runtime';
import { alive, callModern, chaosServer, descendants, temporaryDirectory } from '@hostler/test-kit';
import type { TemporaryDirectory } from '@hostler/test-kit';
import { listen } from '../src/index.ts';
import type { Listening } from '../src/index.ts';

const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
let folder: TemporaryDirectory;
let file: string;
let runtime: Runtime;
let listening: Listening;
let url: string;

const { command, args } = chaosServer();
const CHAOS: JsonObject = { command, args: [...args] };

async function serve(api: object): Promise<void> {
  folder = await temporaryDirectory();
  file = join(folder.path, 'hostler.yaml');
  await writeFile(
    file,
    `# the servers of the team
servers:
  one:
    command: ${JSON.stringify(command)} # keeps running
    args: ${JSON.stringify(args)}
api: ${JSON.stringify({ servers: api })}
shutdown: { grace: 5s }
`,
  );
  runtime = await createRuntime({
    plan: (await loadConfig(file)).plan,
    environment: { ...process.env, KEY: 'k' },
    logDestination: silent,
  });
  listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false });
  ({ url } = listening);
  await runtime.start();
}

afterEach(async () => {
  await listening.close(0);
  await folder[Symbol.asyncDispose]();
});

async function ask(path: string, method = 'GET', body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/v1/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as JsonObject };
}

const call = (path: string, name: string): ReturnType<typeof callModern> =>
  callModern(url + path, 'tools/call', { name, arguments: {} });

describe('servers over REST, where the operator has not allowed changes', () => {
  it('can be seen and not changed', async () => {
    await serve({});
    expect(await ask('servers')).toMatchObject({
      status: 200,
      body: { servers: [{ name: 'one', origin: 'file', state: { status: 'up' } }], changes: { enabled: false } },
    });
    const changes: [string, string, unknown?][] = [
      ['servers', 'POST', { name: 'n', ...CHAOS }],
      ['servers/one', 'PUT', CHAOS],
      ['servers/one', 'DELETE'],
      ['servers/one/restart', 'POST'],
      ['servers/one/enable', 'POST'],
      ['servers/one/disable', 'POST'],
      ['servers/test', 'POST', CHAOS],
      ['servers/save', 'POST'],
      ['reload', 'POST'],
    ];
    for (const [path, method, body] of changes) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await ask(path, method, body)).toMatchObject({ status: 403, body: { code: 'API_CHANGES_DISABLED' } });
    }
    expect(runtime.readiness().servers).toMatchObject([{ name: 'one', status: 'up', restarts: 0 }]);
  });
});

describe('servers over REST', () => {
  beforeEach(() =>
    serve({ enabled: true, commands: [command], hosts: ['127.0.0.1'], secrets: ['env://KEY'], env: ['K', 'L'] }),
  );

  it('are registered, used, updated, switched and unregistered, and nothing is left', async () => {
    const before = descendants(process.pid).length;
    const added = await ask('servers', 'POST', { name: 'n', ...CHAOS, env: { K: { secret: 'env://KEY' }, L: 'x' } });
    expect(added).toMatchObject({
      status: 201,
      body: {
        name: 'n',
        origin: 'runtime',
        state: { status: 'up' },
        settings: { env: { K: { secret: 'env://KEY' }, L: '[set]' } },
      },
    });
    expect((await call('/mcp', 'n__ok')).messages.at(-1)?.result).toMatchObject({ content: [{ text: 'ok' }] });
    expect((await call('/servers/n/mcp', 'ok')).messages.at(-1)?.result).toMatchObject({ content: [{ text: 'ok' }] });
    expect(await ask('servers/n/restart', 'POST')).toMatchObject({ status: 200, body: { state: { restarts: 1 } } });
    expect(await ask('servers/n', 'PUT', { ...CHAOS, timeout: '5s' })).toMatchObject({
      body: { settings: { timeout: '5s' } },
    });
    expect(await ask('servers/n/disable', 'POST')).toMatchObject({ body: { disabled: true } });
    expect((await call('/mcp', 'n__ok')).messages.at(-1)?.error).toMatchObject({ code: -32602 });
    expect(await ask('servers/n/enable', 'POST')).toMatchObject({ body: { state: { status: 'up' } } });
    expect((await ask('servers/n', 'DELETE')).status).toBe(204);
    expect((await ask('servers/n')).status).toBe(404);
    expect((await ask('tools')).body['tools']).not.toContainEqual(expect.objectContaining({ name: 'n__ok' }));
    expect(await ask('servers')).toMatchObject({
      body: { drift: { added: [], changed: [], removed: [], disabled: [], enabled: [] } },
    });
    await expect.poll(() => descendants(process.pid).length, { timeout: 20_000 }).toBe(before);
  });

  it('are refused with everything that is wrong', async () => {
    const bad = await ask('servers', 'POST', { name: 'n', ...CHAOS, timeout: 30, evn: {} });
    expect(bad).toMatchObject({ status: 422, body: { code: 'SERVER_INVALID' } });
    expect(bad.body['problems']).toEqual([
      expect.objectContaining({ pointer: '/evn', hint: 'did you mean "env"?' }),
      expect.objectContaining({ pointer: '/timeout' }),
    ]);
    const denied = await ask('servers', 'POST', { name: 'n', command: 'sh', env: { A: { secret: 'env://HOME' } } });
    expect(denied).toMatchObject({ status: 403, body: { code: 'API_SERVER_REFUSED' } });
    expect((denied.body['problems'] as JsonObject[]).map(({ pointer }) => pointer)).toEqual([
      '/command',
      '/env/A/secret',
    ]);
    expect(await ask('servers', 'POST', { name: 'n', url: 'http://example.com/' })).toMatchObject({ status: 403 });
    expect(await ask('servers', 'POST', { name: 'one', ...CHAOS })).toMatchObject({ status: 409 });
    expect(await ask('servers', 'POST', CHAOS)).toMatchObject({ status: 400, body: { code: 'API_REQUEST_INVALID' } });
    expect(await ask('servers/none', 'DELETE')).toMatchObject({ status: 404, body: { code: 'SERVER_NOT_FOUND' } });
    expect(runtime.servers.list()).toHaveLength(1);
  });

  it('are not changed by a page of this machine that the operator has not named', async () => {
    const refused = await ask('servers/one', 'DELETE', undefined, { origin: 'http://localhost:3000' });
    expect(refused).toMatchObject({ status: 403, body: { code: 'HTTP_ORIGIN_REFUSED' } });
    expect((await ask('servers', 'GET', undefined, { origin: 'http://localhost:3000' })).status).toBe(200);
  });

  it('are tested in isolation', async () => {
    const before = descendants(process.pid);
    const good = await ask('servers/test', 'POST', CHAOS);
    expect(good).toMatchObject({ status: 200, body: { ok: true, era: 'legacy' } });
    expect((good.body['tools'] as JsonObject[]).map(({ name }) => name)).toContain('echo');
    const bad = await ask('servers/test', 'POST', { ...CHAOS, args: ['/nonexistent.ts'], startTimeout: '20s' });
    expect(bad).toMatchObject({ status: 200, body: { ok: false, code: 'UPSTREAM_UNAVAILABLE' } });
    expect(descendants(process.pid).filter((pid) => !before.includes(pid) && alive(pid))).toEqual([]);
    expect(runtime.servers.list()).toHaveLength(1);
  });

  it('stay as they are when their new settings do not work', async () => {
    const answer = await ask('servers/one', 'PUT', { ...CHAOS, args: ['/nonexistent.ts'], startTimeout: '20s' });
    expect(answer).toMatchObject({ status: 502, body: { code: 'SERVER_NOT_REPLACED' } });
    expect((await call('/mcp', 'one__ok')).messages.at(-1)?.result).toMatchObject({ content: [{ text: 'ok' }] });
    expect(runtime.servers.drift()).toMatchObject({ changed: [] });
  });

  it('are saved into the file, which keeps its comments', async () => {
    const text = await readFile(file, 'utf8');
    await ask('servers', 'POST', { name: 'n', ...CHAOS });
    await ask('servers/one/disable', 'POST');
    expect((await ask('servers')).body['drift']).toMatchObject({ added: ['n'], disabled: ['one'] });
    expect(await ask('servers/save', 'POST')).toMatchObject({
      status: 200,
      body: { saved: { added: ['n'], disabled: ['one'] } },
    });
    const saved = await readFile(file, 'utf8');
    expect(saved).toContain('# the servers of the team\nservers:\n  one:\n');
    expect(saved).toMatch(/disabled: true\n {2}n:\n {4}command: /);
    expect(await readFile(`${file}.bak`, 'utf8')).toBe(text);
    expect(Object.values((await ask('servers')).body['drift'] as JsonObject).flat()).toEqual([]);
    expect(await ask('reload', 'POST')).toMatchObject({ body: { added: [], changed: [], removed: [] } });
    expect(await ask('servers/save', 'POST')).toMatchObject({ status: 200 });
  });

  it('are not saved over an edit that nobody has read', async () => {
    await ask('servers', 'POST', { name: 'n', ...CHAOS });
    const edited = `${await readFile(file, 'utf8')}`.replace('  one:', '  other: { command: x }\n  one:');
    await writeFile(file, edited);
    expect(await ask('servers/save', 'POST')).toMatchObject({ status: 409, body: { code: 'SAVE_FILE_CHANGED' } });
    expect(await readFile(file, 'utf8')).toBe(edited);
  });

  it('are read again from the file, and a bad one is refused with its lines and without its path', async () => {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('5s', 'soon'));
    const refused = await ask('reload', 'POST');
    expect(refused).toMatchObject({ status: 422, body: { code: 'API_RELOAD_REFUSED', problems: [{ line: 7 }] } });
    expect(JSON.stringify(refused.body)).not.toContain(folder.path);
    await writeFile(file, text.replace('5s', '6s'));
    expect(await ask('reload', 'POST')).toMatchObject({ status: 200, body: { applied: ['shutdown.grace'] } });
    expect(runtime.plan.shutdownGrace).toBe(6_000);
  });
});
