import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { configJsonSchema } from './json-schema.ts';
import { parseConfig } from './parse.ts';
import { configReference } from './reference.ts';

const FILE = '/etc/hostler/hostler.json';

/** Every place of the schema that holds a value and no further keys. */
function leavesOf(schema: JsonObject, path: string): string[] {
  const { properties, additionalProperties, items, anyOf } = schema;
  if (isJsonObject(properties)) {
    return Object.entries(properties).flatMap(([key, inner]) => {
      return leavesOf(inner as JsonObject, path === '' ? key : `${path}.${key}`);
    });
  }
  if (Array.isArray(anyOf)) {
    return (anyOf as JsonObject[])
      .flatMap((option) => leavesOf(option, path))
      .filter((leaf, index, all) => all.indexOf(leaf) === index);
  }
  if (isJsonObject(items)) return leavesOf(items, `${path}[]`);
  if (isJsonObject(additionalProperties) && Object.keys(additionalProperties).length > 0) {
    return leavesOf(additionalProperties, `${path}.*`);
  }
  return [path];
}

const LEAVES = leavesOf(configJsonSchema(), '');

/** The file each key is tried in: without it, and with it. */
const STDIO = { servers: { one: { command: 'x' } } };
const HTTP = { servers: { one: { url: 'http://x' } } };
const NONE = { servers: {} };
const TWO = { servers: { one: { command: 'x' }, two: { command: 'x' } } };
const GROUP = { ...TWO, groups: { g: { servers: ['one', 'two'] } } };
const PROVIDER = { servers: {}, secrets: { providers: [{ use: 'x' }] } };

const one = (settings: JsonObject): JsonObject => ({ servers: { one: settings } });
const env = (value: Json): JsonObject => one({ command: 'x', env: { A: value } });
const headers = (value: Json): JsonObject => one({ url: 'http://x', headers: { a: value } });
const apiServers = (settings: JsonObject): JsonObject => ({ ...NONE, api: { servers: settings } });
const SECRET = { secret: 'env://A' };
const HOST_KEY = { secret: 'env://HOSTLER_ENCRYPTION_KEY' };
const secrets = (settings: JsonObject): JsonObject => ({ ...NONE, secrets: settings });
const VAULT = secrets({ local: {} });

const KEY = { hash: `sha256:${'0'.repeat(64)}` };
const ISSUER = { issuer: 'https://id.example.com', audience: ['x'] };
const TOKEN = { issuer: 'acme', claims: { sub: 'x' } };
const consumer = (settings: JsonObject, issuer: JsonObject = {}): JsonObject => ({
  ...STDIO,
  consumers: { ci: settings },
  auth: { issuers: { acme: { ...ISSUER, ...issuer }, other: { issuer: 'https://other', audience: ['x'] } } },
});
const CONSUMER = consumer({});
const withTokens = (token: JsonObject): JsonObject => consumer({ tokens: [{ ...TOKEN, ...token }] });

const PEM = '-----BEGIN X-----\n';
const SECURE = one({ url: 'https://x' });
const tls = (settings: JsonObject): JsonObject => one({ url: 'https://x', tls: settings });

function tlsChanges(key: 'ca' | 'certificate' | 'key'): Record<string, readonly [JsonObject, JsonObject]> {
  const withValue = (value: Json): JsonObject => {
    if (key === 'ca') return tls({ ca: value });
    return tls({ certificate: PEM, key: PEM, [key]: value });
  };
  return {
    [`servers.*.tls.${key}`]: [SECURE, withValue(PEM)],
    [`servers.*.tls.${key}.secret`]: [withValue(SECRET), withValue({ secret: 'env://B' })],
    [`servers.*.tls.${key}.format`]: [withValue(SECRET), withValue({ ...SECRET, format: 'y{}' })],
    [`servers.*.tls.${key}.optional`]: [withValue(SECRET), withValue({ ...SECRET, optional: true })],
  };
}

/** What may be written of each tool, or of each prompt. */
function overrideRows(kind: string, more: JsonObject): Record<string, readonly [JsonObject, JsonObject]> {
  const row = (leaf: string, override: JsonObject) =>
    [`servers.*.${kind}.*.${leaf}`, [STDIO, one({ command: 'x', [kind]: { t: override } })]] as const;
  return Object.fromEntries([
    row('name', { name: 'y' }),
    row('title', { title: 'y' }),
    row('description', { description: 'y' }),
    row('arguments.*.pin', { arguments: { a: { pin: 'y' } } }),
    row('arguments.*.default', { arguments: { a: { default: 'y' } } }),
    row('arguments.*.hide', { arguments: { a: { hide: true } } }),
    ...Object.entries(more).map(([leaf, value]) => row(leaf, { [leaf]: value })),
  ]);
}

const CHANGES: Readonly<Record<string, readonly [without: JsonObject, withIt: JsonObject]>> = {
  'servers.*.command': [STDIO, one({ command: 'y' })],
  'servers.*.args[]': [STDIO, one({ command: 'x', args: ['y'] })],
  'servers.*.env.*': [STDIO, env('y')],
  'servers.*.env.*.secret': [env(SECRET), env({ secret: 'env://B' })],
  'servers.*.env.*.format': [env(SECRET), env({ ...SECRET, format: 'y{}' })],
  'servers.*.env.*.optional': [env(SECRET), env({ ...SECRET, optional: true })],
  'servers.*.env.*.as': [env(SECRET), env({ ...SECRET, as: 'file' })],
  'servers.*.allowEnv[]': [STDIO, one({ command: 'x', env: { LD_PRELOAD: 'y' }, allowEnv: ['LD_PRELOAD'] })],
  'servers.*.cwd': [STDIO, one({ command: 'x', cwd: 'y' })],
  'servers.*.url': [HTTP, one({ url: 'http://y' })],
  'servers.*.headers.*': [HTTP, headers('y')],
  'servers.*.headers.*.secret': [headers(SECRET), headers({ secret: 'env://B' })],
  'servers.*.headers.*.format': [headers(SECRET), headers({ ...SECRET, format: 'y{}' })],
  'servers.*.headers.*.optional': [headers(SECRET), headers({ ...SECRET, optional: true })],
  'servers.*.type': [HTTP, one({ url: 'http://x', type: 'sse' })],
  'servers.*.proxy': [HTTP, one({ url: 'http://x', proxy: 'none' })],
  'servers.*.socket': [HTTP, one({ url: 'http://x', socket: 'y' })],
  ...tlsChanges('ca'),
  ...tlsChanges('certificate'),
  ...tlsChanges('key'),
  'servers.*.tls.serverName': [SECURE, tls({ serverName: 'y' })],
  'servers.*.era': [STDIO, one({ command: 'x', era: 'modern' })],
  'servers.*.interactive': [STDIO, one({ command: 'x', interactive: false })],
  'servers.*.required': [STDIO, one({ command: 'x', required: true })],
  'servers.*.startTimeout': [STDIO, one({ command: 'x', startTimeout: '7s' })],
  'servers.*.timeout': [STDIO, one({ command: 'x', timeout: '7s' })],
  'servers.*.roots[]': [STDIO, one({ command: 'x', roots: ['y'] })],
  'servers.*.roots[].path': [STDIO, one({ command: 'x', roots: [{ path: 'y' }] })],
  'servers.*.roots[].name': [
    one({ command: 'x', roots: [{ path: 'y' }] }),
    one({ command: 'x', roots: [{ path: 'y', name: 'z' }] }),
  ],
  'servers.*.pathArguments.*[]': [
    one({ command: 'x', roots: ['y'] }),
    one({ command: 'x', roots: ['y'], pathArguments: { open: ['path'] } }),
  ],
  'servers.*.limits.running': [STDIO, one({ command: 'x', limits: { running: 7 } })],
  'servers.*.limits.waiting': [STDIO, one({ command: 'x', limits: { waiting: 7 } })],
  'servers.*.recycle.idle': [STDIO, one({ command: 'x', recycle: { idle: '7m' } })],
  'servers.*.recycle.lifetime': [STDIO, one({ command: 'x', recycle: { lifetime: '7h' } })],
  'servers.*.replay': [STDIO, one({ command: 'x', replay: 'never' })],
  'servers.*.resources.memory': [STDIO, one({ command: 'x', resources: { memory: '7MiB' } })],
  'servers.*.resources.cpu': [STDIO, one({ command: 'x', resources: { cpu: '7s' } })],
  'servers.*.resources.openFiles': [STDIO, one({ command: 'x', resources: { openFiles: 77 } })],
  'servers.*.include[]': [STDIO, one({ command: 'x', include: ['y'] })],
  'servers.*.exclude[]': [STDIO, one({ command: 'x', exclude: ['y'] })],
  ...overrideRows('tools', { annotations: { readOnlyHint: true } }),
  ...overrideRows('prompts', {}),
  'servers.*.disabled': [STDIO, one({ command: 'x', disabled: true })],
  'groups.*.servers[]': [TWO, { ...TWO, groups: { g: { servers: ['one'] } } }],
  'groups.*.strategy': [GROUP, { ...TWO, groups: { g: { servers: ['one', 'two'], strategy: 'sticky' } } }],
  'groups.*.weights.*': [GROUP, { ...TWO, groups: { g: { servers: ['one', 'two'], weights: { two: 3 } } } }],
  'secrets.providers[].use': [PROVIDER, { servers: {}, secrets: { providers: [{ use: 'y' }] } }],
  'secrets.providers[].with': [PROVIDER, { servers: {}, secrets: { providers: [{ use: 'x', with: { y: 1 } }] } }],
  'secrets.refresh': [NONE, secrets({ refresh: '7m' })],
  'secrets.maxStale': [NONE, secrets({ maxStale: '7m' })],
  'secrets.timeout': [NONE, secrets({ timeout: '7s' })],
  'secrets.guard.results': [NONE, secrets({ guard: { results: 'refuse' } })],
  'secrets.guard.arguments': [NONE, secrets({ guard: { arguments: 'off' } })],
  'secrets.local.file': [VAULT, secrets({ local: { file: 'y' } })],
  'secrets.local.key.secret': [VAULT, secrets({ local: { key: SECRET } })],
  'secrets.local.key.format': [VAULT, secrets({ local: { key: { ...HOST_KEY, format: 'pass:{}' } } })],
  'secrets.local.oldKeys[].secret': [VAULT, secrets({ local: { oldKeys: [SECRET] } })],
  'secrets.local.oldKeys[].format': [
    secrets({ local: { oldKeys: [SECRET] } }),
    secrets({ local: { oldKeys: [{ ...SECRET, format: 'hex:{}' }] } }),
  ],
  'consumers.*.keys[].hash': [CONSUMER, consumer({ keys: [KEY] })],
  'consumers.*.keys[].secret': [CONSUMER, consumer({ keys: [SECRET] })],
  'consumers.*.keys[].expires': [consumer({ keys: [KEY] }), consumer({ keys: [{ ...KEY, expires: '2099-01-01' }] })],
  'consumers.*.tokens[].issuer': [withTokens({}), withTokens({ issuer: 'other' })],
  'consumers.*.tokens[].claims.*': [withTokens({}), withTokens({ claims: { sub: 'y' } })],
  'consumers.*.limits.calls': [CONSUMER, consumer({ limits: { calls: '7/s' } })],
  'consumers.*.limits.concurrent': [CONSUMER, consumer({ limits: { concurrent: 7 } })],
  'consumers.*.roles[]': [CONSUMER, consumer({ roles: ['viewer'] })],
  'consumers.*.servers[]': [CONSUMER, consumer({ servers: ['one'] })],
  'consumers.*.allow[]': [CONSUMER, consumer({ allow: ['tool:one/y'] })],
  'consumers.*.deny[]': [CONSUMER, consumer({ deny: ['tool:one/y'] })],
  'roles.*[]': [
    { ...consumer({ roles: ['mine'] }), roles: { mine: ['servers:read'] } },
    { ...consumer({ roles: ['mine'] }), roles: { mine: ['servers:*'] } },
  ],
  'auth.issuers.*.issuer': [CONSUMER, consumer({}, { issuer: 'https://id.example.com/y' })],
  'auth.issuers.*.audience[]': [CONSUMER, consumer({}, { audience: ['y'] })],
  'auth.issuers.*.algorithms[]': [CONSUMER, consumer({}, { algorithms: ['ES384'] })],
  'auth.issuers.*.jwks': [CONSUMER, consumer({}, { jwks: 'https://id.example.com/keys' })],
  'auth.resource': [NONE, { ...NONE, auth: { resource: 'https://mcp.example.com/mcp' } }],
  'listen.host': [NONE, { ...NONE, listen: { host: '0.0.0.0' } }],
  'listen.socket': [NONE, { ...NONE, listen: { socket: 'y' } }],
  'listen.port': [NONE, { ...NONE, listen: { port: 9000 } }],
  'listen.allowedHosts[]': [NONE, { ...NONE, listen: { allowedHosts: ['y'] } }],
  'listen.allowedOrigins[]': [NONE, { ...NONE, listen: { allowedOrigins: ['https://y'] } }],
  'log.level': [NONE, { ...NONE, log: { level: 'error' } }],
  'api.servers.enabled': [NONE, apiServers({ enabled: true })],
  'api.servers.commands[]': [NONE, apiServers({ commands: ['y'] })],
  'api.servers.hosts[]': [NONE, apiServers({ hosts: ['y'] })],
  'api.servers.env[]': [NONE, apiServers({ env: ['Y'] })],
  'api.servers.secrets[]': [NONE, apiServers({ secrets: ['env://Y'] })],
  'api.secrets.enabled': [NONE, { ...NONE, api: { secrets: { enabled: true } } }],
  'state.directory': [NONE, { ...NONE, state: { directory: 'y' } }],
  'reload.watch': [NONE, { ...NONE, reload: { watch: true } }],
  'shutdown.grace': [NONE, { ...NONE, shutdown: { grace: '7s' } }],
};

/** Without the copy of what was written, which any key changes. */
function planOf(config: JsonObject): object {
  return { ...parseConfig(JSON.stringify(config), FILE).plan, written: {} };
}

/** Keys that say nothing to the host: for editors. */
const SILENT = ['$schema'];

describe('every key of the schema', () => {
  it('is in this test, and this test has no other', () => {
    expect(LEAVES.toSorted()).toEqual([...Object.keys(CHANGES), ...SILENT].toSorted());
  });

  it.each(Object.keys(CHANGES))('has a reader: %s changes the plan', (leaf) => {
    const [without, withIt] = (CHANGES[leaf] ?? []).map(planOf);
    expect(withIt).not.toEqual(without);
  });

  it('has a reader: a type that contradicts the other keys is refused', () => {
    expect(() => parseConfig(JSON.stringify(one({ command: 'x', type: 'http' })), FILE)).toThrow('problems: 1');
    expect(planOf(one({ command: 'x', type: 'stdio' }))).toEqual(planOf(STDIO));
  });

  it('is described in the JSON Schema', () => {
    const undescribed: string[] = [];
    const visit = (schema: JsonObject, path: string): void => {
      for (const [key, inner] of Object.entries((schema['properties'] ?? {}) as JsonObject)) {
        const { properties, description } = inner as JsonObject;
        if (properties === undefined && typeof description !== 'string') undescribed.push(`${path}${key}`);
      }
      for (const inner of Object.values(schema)) if (isJsonObject(inner)) visit(inner, path);
    };
    visit(configJsonSchema(), '');
    expect(undescribed).toEqual([]);
  });

  it('has its row in the reference', () => {
    const keys = configReference()
      .split('\n')
      .map((line) => /^\| `([^`]+)`/.exec(line)?.[1]);
    for (const leaf of LEAVES) {
      const key = leaf
        .replaceAll('.*', '.<name>')
        .replace(/\[\]$/, '')
        .replace(/\.<name>$/, '');
      expect(keys).toContain(key);
    }
  });
});

describe('configReference', () => {
  it('says type, default and meaning', () => {
    const rows = configReference().split('\n');
    expect(rows).toContain(
      '| `log.level` | `debug`, `info`, `warn`, `error` | `info` | Least severe log records to write. |',
    );
    expect(rows).toContain(
      '| `servers.<name>.timeout` | duration: `500ms`, `30s`, `2m` | `60s` | Longest time of one call. |',
    );
  });
});
