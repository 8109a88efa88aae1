import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '@hostler/config';
import type { JsonObject } from '@hostler/kernel';
import { createRuntime } from '@hostler/runtime';
import type { Runtime } from '@hostler/runtime';
import { createMemoryProvider } from '@hostler/secrets';
import type { MemoryProvider } from '@hostler/secrets';
import { callModern, chaosServer, temporaryDirectory } from '@hostler/test-kit';
import type { TemporaryDirectory } from '@hostler/test-kit';
import { listen } from '../src/index.ts';
import type { Listening } from '../src/index.ts';

const CANARY = 'canary-4be0a7719c35';
const NEXT = 'canary-d2718f60e9aa';
const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
let folder: TemporaryDirectory;
let provider: MemoryProvider;
let runtime: Runtime;
let listening: Listening;

beforeEach(async () => {
  folder = await temporaryDirectory();
  provider = createMemoryProvider({ token: { value: CANARY, version: '1' } });
});
afterEach(async () => {
  await listening.close(0);
  await folder[Symbol.asyncDispose]();
});

async function serve(api: JsonObject, secrets: JsonObject = {}, names = ['one']): Promise<void> {
  const file = join(folder.path, 'hostler.json');
  const { command, args } = chaosServer();
  const server = { command, args: [...args], env: { TOKEN: { secret: 'memory://token' } } };
  const servers = Object.fromEntries(names.map((name) => [name, server]));
  await writeFile(file, JSON.stringify({ servers, api: { secrets: api }, secrets, shutdown: { grace: '5s' } }));
  const { plan } = await loadConfig(file);
  runtime = await createRuntime({ plan, environment: process.env, logDestination: silent, providers: [provider] });
  listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false });
  await runtime.start();
}

async function ask(path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${listening.url}/${path}`, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    text,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : {}) as JsonObject,
  };
}

describe('secrets over REST', () => {
  it('can be seen without their values, and are rotated only where the operator allows it', async () => {
    await serve({});
    expect((await ask('v1/secrets')).body).toMatchObject({
      secrets: [
        {
          reference: 'memory://token',
          scheme: 'memory',
          version: '1',
          pinned: false,
          stale: false,
          weak: false,
          usedBy: ['servers.one.env.TOKEN'],
          age: expect.any(Number) as number,
        },
      ],
      rotations: [],
      leaks: [],
      changes: { enabled: false },
    });
    expect(await ask('v1/secrets/rotate', {})).toMatchObject({
      status: 403,
      body: { code: 'API_CHANGES_DISABLED', detail: expect.stringContaining('api.secrets.enabled: true') as string },
    });
  });

  it('are read again and given to the servers that use them', async () => {
    await serve({ enabled: true }, { refresh: '0s' });
    expect((await ask('v1/secrets/rotate', {})).body).toEqual({ changed: [], failed: [], servers: [] });
    provider.set('token', { value: NEXT, version: '2' });
    expect((await ask('v1/secrets/rotate', { references: ['memory://token'] })).body).toEqual({
      changed: ['memory://token'],
      failed: [],
      servers: [{ name: 'one', outcome: 'restarted' }],
    });
    provider.fail('token', 'ACCESS_DENIED');
    expect((await ask('v1/secrets/rotate', {})).body).toMatchObject({
      changed: [],
      failed: [{ reference: 'memory://token', code: 'SECRET_ACCESS_DENIED' }],
      servers: [],
    });
    const { text } = await ask('metrics');
    expect(text).toContain('hostler_secret_rotations_total{outcome="restarted"} 1\n');
  });

  it('are not rotated by a page, nor by a request that is not right', async () => {
    await serve({ enabled: true });
    expect(await ask('v1/secrets/rotate', {}, { origin: 'http://localhost:1' })).toMatchObject({
      status: 403,
      body: { code: 'HTTP_ORIGIN_REFUSED' },
    });
    const wrong: readonly [unknown, number, string][] = [
      [{ references: ['memory://token', 'memory://other'] }, 404, '/references/1'],
      [{ references: [] }, 400, '/references'],
      [{ references: 'memory://token' }, 400, '/references'],
      [{ refs: [] }, 400, '/refs'],
      [[], 400, ''],
    ];
    for (const [body, status, pointer] of wrong) {
      // oxlint-disable-next-line no-await-in-loop -- one request after the other
      expect(await ask('v1/secrets/rotate', body)).toMatchObject({ status, body: { problems: [{ pointer }] } });
    }
  });
});

describe('a secret that is not as it should be', () => {
  it('is named by the readiness, which it does not change, and by the metrics', async () => {
    await serve({ enabled: true }, { refresh: '0s' });
    provider.fail('token', 'UNAVAILABLE');
    await ask('v1/secrets/rotate', {});
    expect(await ask('readyz')).toMatchObject({
      status: 200,
      body: { status: 'ready', secrets: { stale: ['memory://token'], failing: ['memory://token'], rotations: [] } },
    });
    const { text, headers } = await ask('metrics');
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text.split('\n')).toEqual(
      expect.arrayContaining([
        'hostler_server_up{server="one"} 1',
        'hostler_secret_stale{secret="memory://token"} 1',
        'hostler_secret_failing{secret="memory://token"} 1',
      ]),
    );
  });
});

describe('what the host says', () => {
  it('holds no secret, wherever it stands: on no path, in no problem, in no error of MCP', async () => {
    // A server that is called like a secret brings that into everything that names it.
    await serve({}, {}, ['one', CANARY]);
    const paths = [
      'readyz',
      'healthz',
      'metrics',
      'v1/servers',
      'v1/secrets',
      'v1/info',
      `v1/servers/${NEXT}-${CANARY}`,
    ];
    for (const path of paths) {
      // oxlint-disable-next-line no-await-in-loop -- one request after the other
      const { text } = await ask(path);
      expect([path, text.includes(CANARY)]).toEqual([path, false]);
    }
    expect((await ask('readyz')).text).toContain('[secret]');
    expect((await ask('metrics')).text).toContain('hostler_server_up{server="[secret]"} 1');
    const refusal = await callModern(`${listening.url}/mcp`, 'tools/call', { name: `no__${CANARY}`, arguments: {} });
    expect(JSON.stringify(refusal)).toContain('[secret]');
    expect(JSON.stringify(refusal)).not.toContain(CANARY);
  });
});
