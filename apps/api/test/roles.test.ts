import { permissions } from '@hostler/config';
import type { Permission } from '@hostler/config';
import { exchange, sendBytes } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import type { Access } from '../src/access.ts';
import { createApp } from '../src/create-app.ts';
import type { AppOptions } from '../src/create-app.ts';
import { bearer, newKey, startRig } from './support/consumers-rig.ts';
import type { Settings } from './support/consumers-rig.ts';

/** Every path with who may ask there. A new one needs its row. */
const PATHS: Readonly<Record<string, Access>> = {
  'GET /livez': 'anyone',
  'GET /healthz': 'anyone',
  'GET /health': 'anyone',
  'GET /readyz': 'anyone',
  'GET /.well-known/oauth-protected-resource': 'anyone',
  'GET /.well-known/oauth-protected-resource/*': 'anyone',
  'GET /oauth/consent/:id': 'anyone',
  'POST /oauth/consent/:id': 'anyone',
  'GET /oauth/callback': 'anyone',
  'GET /client-metadata.json': 'anyone',
  'GET /metrics': 'metrics:read',
  'GET /v1/tools': 'tools:use',
  'GET /v1/tools/:name': 'tools:use',
  'POST /v1/tools/:name/call': 'tools:use',
  'GET /v1/prompts': 'prompts:use',
  'POST /v1/prompts/:name/get': 'prompts:use',
  'GET /v1/resources': 'resources:use',
  'GET /v1/resource-templates': 'resources:use',
  'GET /v1/resources/read': 'resources:use',
  'GET /v1/info': 'about:read',
  'GET /v1/schema': 'about:read',
  'GET /v1/openapi.json': 'about:read',
  'GET /v1/servers': 'servers:read',
  'GET /v1/servers/:name': 'servers:read',
  'POST /v1/servers': 'servers:write',
  'PUT /v1/servers/:name': 'servers:write',
  'DELETE /v1/servers/:name': 'servers:write',
  'POST /v1/servers/test': 'servers:write',
  'POST /v1/servers/save': 'servers:write',
  'POST /v1/servers/:name/restart': 'servers:restart',
  'POST /v1/servers/:name/enable': 'servers:enable',
  'POST /v1/servers/:name/disable': 'servers:disable',
  'POST /v1/reload': 'config:reload',
  'GET /v1/secrets': 'secrets:read',
  'POST /v1/secrets/rotate': 'secrets:rotate',
  'GET /v1/log': 'log:read',
  'PUT /v1/log': 'log:write',
  'GET /v1/oauth/grants': 'grants:use',
  'DELETE /v1/oauth/grants/:id': 'grants:use',
};

const CLIENT: readonly Permission[] = ['tools:use', 'prompts:use', 'resources:use', 'about:read', 'grants:use'];
const VIEWER: readonly Permission[] = [
  ...CLIENT,
  'health:read',
  'metrics:read',
  'servers:read',
  'secrets:read',
  'log:read',
  'grants:read',
];
const OPERATOR: readonly Permission[] = [
  ...VIEWER,
  'servers:restart',
  'servers:enable',
  'servers:disable',
  'config:reload',
  'secrets:rotate',
  'log:write',
  'grants:revoke',
];

/** By role, what it allows. */
const ROLES: Readonly<Record<string, readonly Permission[]>> = {
  none: CLIENT,
  viewer: VIEWER,
  operator: OPERATOR,
  admin: permissions,
  own: [...CLIENT, 'secrets:read', 'secrets:rotate', 'servers:read'],
};

const keys = Object.fromEntries(Object.keys(ROLES).map((role) => [role, newKey()]));
const consumers = Object.fromEntries(
  Object.entries(keys).map(([role, { entry }]) => [
    `has-${role}`,
    { keys: [entry], ...(role !== 'none' && { roles: [role] }) },
  ]),
);
// Changes are off: whoever is allowed one is told so, and nothing happens.
const settings: Settings = { roles: { own: ['secrets:*', 'servers:read'] }, consumers };

const keyOf = (role: string): string => keys[role]?.key ?? '';

/** The paths of a host that never answers. */
function pathsOf(): string[] {
  const { authorization, authentication, ...rest } = {
    authorization: {},
    authentication: {},
    readiness: {},
    rest: { runtime: { tokens: {} } },
  };
  const options = { ...rest, authorization, authentication, problemOf: () => undefined };
  return createApp(options as unknown as AppOptions).routes.flatMap(({ method, path }) => {
    // One for what is read in any way, and one for all methods that a path of REST does not have.
    if (method !== 'ALL') return [`${method} ${path}`];
    return path.startsWith('/v1/') || path === '/*' ? [] : [`GET ${path}`];
  });
}

it('every path has its row, and every permission its path', () => {
  expect(pathsOf().toSorted()).toEqual(Object.keys(PATHS).toSorted());
  // Where these have no path of their own, more is told or done at one that others may use as well.
  const needed = new Set<string>([...Object.values(PATHS), 'health:read', 'grants:read', 'grants:revoke']);
  expect(permissions.filter((permission) => !needed.has(permission))).toEqual([]);
});

it('every path answers each role as its permission says, and says which one is missing', async () => {
  await using rig = await startRig(settings);
  for (const [role, allowed] of Object.entries(ROLES)) {
    for (const [place, access] of Object.entries(PATHS)) {
      const [method = '', path = ''] = place.split(' ');
      const { status, text } = await exchange(rig.url + path.replace(/:(?:name|id)/, 'nothing').replace('/*', '/mcp'), {
        method,
        headers: bearer(keyOf(role)),
        ...(method !== 'GET' && method !== 'DELETE' && { body: {} }),
      });
      const isAllowed = access === 'anyone' || allowed.includes(access as Permission);
      const { code, detail } = (status === 403 ? JSON.parse(text) : {}) as Record<string, string | undefined>;
      // Nothing else is in the way of one that is allowed but the switch for changes.
      const expected = isAllowed ? 'API_CHANGES_DISABLED' : 'API_FORBIDDEN';
      expect([role, place, status === 401, code ?? 'API_CHANGES_DISABLED']).toEqual([role, place, false, expected]);
      const word = isAllowed ? '' : `permission ${access},`;
      expect([place, detail ?? '']).toEqual([place, expect.stringContaining(word)]);
    }
  }
}, 60_000);

describe('a permission that is missing', () => {
  it('is missed before the body has come', async () => {
    await using rig = await startRig(settings);
    const head = `POST /v1/servers HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\nAuthorization: Bearer ${keyOf('viewer')}\r\n`;
    const answer = await sendBytes(rig.url, `${head}Content-Length: 1000000\r\n\r\n{`);
    expect(answer).toContain('HTTP/1.1 403');
    expect(answer).toContain('API_FORBIDDEN');
  });

  it('is missed by HEAD as well, and hides what health says beside the state', async () => {
    await using rig = await startRig(settings);
    const status = async (role: string, path: string) =>
      (await exchange(rig.url + path, { method: 'HEAD', headers: bearer(keyOf(role)) })).status;
    expect([await status('none', '/metrics'), await status('viewer', '/metrics')]).toEqual([403, 200]);
    expect([await status('none', '/v1/servers'), await status('own', '/v1/servers')]).toEqual([403, 200]);
    const ready = async (role: string): Promise<object> =>
      JSON.parse((await exchange(`${rig.url}/readyz`, { headers: bearer(keyOf(role)) })).text) as object;
    expect([await ready('none'), await ready('own')]).toEqual([
      { status: 'ready', phase: 'running' },
      { status: 'ready', phase: 'running' },
    ]);
    expect(await ready('viewer')).toMatchObject({ servers: [{ name: 'one' }, { name: 'two' }] });
  });

  it('comes and goes with the file, for the key that there is', async () => {
    await using rig = await startRig(settings);
    const ask = async (): Promise<number> =>
      (await exchange(`${rig.url}/v1/servers`, { headers: bearer(keyOf('viewer')) })).status;
    expect(await ask()).toBe(200);
    const without = { ...consumers, 'has-viewer': { keys: [keys['viewer']?.entry ?? { hash: '' }] } };
    await rig.write({ ...settings, consumers: without });
    await rig.runtime.reload();
    expect(await ask()).toBe(403);
    await rig.write(settings);
    await rig.runtime.reload();
    expect(await ask()).toBe(200);
  });

  it('does not stand in for the switch of changes, nor the switch for it', async () => {
    await using rig = await startRig({ ...settings, api: { servers: { enabled: true } } });
    const restart = async (role: string) =>
      (await exchange(`${rig.url}/v1/servers/one/restart`, { method: 'POST', headers: bearer(keyOf(role)) })).status;
    expect([await restart('viewer'), await restart('own'), await restart('operator')]).toEqual([403, 403, 200]);
  });
});

it('what is wrong in the file is told to those who may know how the host is', async () => {
  await using rig = await startRig(settings);
  await rig.write({ ...settings, groups: { g: { servers: ['absent'] } } });
  await rig.runtime.reload().catch(() => undefined);
  const info = async (role: string): Promise<unknown> =>
    (
      JSON.parse((await exchange(`${rig.url}/v1/info`, { headers: bearer(keyOf(role)) })).text) as Record<
        string,
        unknown
      >
    )['configuration'];
  expect(await info('none')).toEqual({ generation: 1 });
  expect(await info('viewer')).toEqual({ generation: 1, problem: expect.any(String) });
});

it('everything is allowed where nobody has to prove anything, and each operation names its permission', async () => {
  await using rig = await startRig({});
  for (const path of ['/metrics', '/v1/servers', '/v1/secrets']) {
    expect([path, (await exchange(rig.url + path)).status]).toEqual([path, 200]);
  }
  const { paths } = JSON.parse((await exchange(`${rig.url}/v1/openapi.json`)).text) as {
    paths: Record<string, Record<string, Record<string, unknown>>>;
  };
  const named = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => [
      `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      operation['x-permission'],
    ]),
  );
  expect(Object.fromEntries(named)).toEqual(
    Object.fromEntries(Object.entries(PATHS).filter(([place]) => place.includes(' /v1/'))),
  );
});
