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
const withBundle = (bundle: JsonObject): JsonObject => ({ ...CONSUMER, bundles: { b: bundle } });
/** What only some types of issuers have. */
function issuerRows(): Record<string, readonly [JsonObject, JsonObject]> {
  const row = (key: string, to: JsonObject, from: JsonObject = {}) =>
    [`auth.issuers.*.${key}`, [consumer({}, from), consumer({}, { ...from, ...to })]] as const;
  const asked = { type: 'introspection', url: 'https://x/i', clientId: 'x', clientSecret: SECRET };
  const signer = 'arn:aws:elasticloadbalancing:x:123456789012:loadbalancer/app/x/0123456789abcdef';
  const balancer = { type: 'aws-alb', signer, keys: 'https://x/' };
  return Object.fromEntries([
    row('type', asked),
    row('scopes[]', { scopes: ['y'] }),
    row('consumer', { consumer: '{sub}' }),
    row('tokenType', { tokenType: 'at+jwt' }),
    row('url', { url: 'https://y/i' }, asked),
    row('clientId', { clientId: 'y' }, asked),
    row('clientSecret.secret', { clientSecret: { secret: 'env://B' } }, asked),
    row('clientSecret.format', { clientSecret: { ...SECRET, format: 'y{}' } }, asked),
    row('signer', { signer: signer.replace('/x/', '/y/') }, balancer),
    row('keys', { keys: 'https://y/' }, balancer),
  ]);
}
const withTokens = (token: JsonObject): JsonObject => consumer({ tokens: [{ ...TOKEN, ...token }] });

const redis = (settings: JsonObject, store: JsonObject = {}): JsonObject => ({
  ...NONE,
  limits: { store: { redis: { url: 'redis://x', ...settings }, ...store } },
});

const listenTls = (settings: JsonObject): JsonObject => ({
  ...NONE,
  listen: { tls: { certificate: 'x', key: 'x', ...settings } },
});
const CLIENT_TLS = listenTls({ clientAuthorities: 'x', clientCertificates: 'optional' });
const certificateHeader = (settings: JsonObject): JsonObject => ({
  ...NONE,
  listen: { trustedProxies: ['10.0.0.1'] },
  auth: { certificateHeader: { format: 'rfc9440', ...settings } },
});

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

const withOAuth = (settings: JsonObject): JsonObject => one({ url: 'https://x', oauth: settings });
const CLIENT = { clientId: 'x', issuer: 'https://x', clientSecret: SECRET };

const CLIENT_OF = { clientId: 'x', issuer: 'https://x' };

function oauthChanges(): Record<string, readonly [JsonObject, JsonObject]> {
  const row = (leaf: string, before: JsonObject, after: JsonObject) =>
    [`servers.*.oauth.${leaf}`, [withOAuth(before), withOAuth(after)]] as const;
  const withKey = (use: JsonObject): JsonObject => ({ ...CLIENT_OF, clientKey: use });
  const withSecret = (use: JsonObject): JsonObject => ({ ...CLIENT_OF, clientSecret: use });
  const exchange = { ...CLIENT, grant: 'token-exchange' };
  return Object.fromEntries([
    row('grant', CLIENT, { ...CLIENT, grant: 'client-credentials' }),
    row('clientId', {}, { clientId: 'x' }),
    row('clientSecret.secret', withSecret(SECRET), withSecret({ secret: 'env://B' })),
    row('clientSecret.format', withSecret(SECRET), withSecret({ ...SECRET, format: 'y{}' })),
    row('clientKey.secret', withKey(SECRET), withKey({ secret: 'env://B' })),
    row('clientKey.format', withKey(SECRET), withKey({ ...SECRET, format: 'y{}' })),
    row('clientKeyAlgorithm', withKey(SECRET), { ...withKey(SECRET), clientKeyAlgorithm: 'RS256' }),
    row('issuer', {}, { issuer: 'https://y' }),
    row('scopes[]', {}, { scopes: ['y'] }),
    row('audience', exchange, { ...exchange, audience: 'y' }),
  ]);
}

/** What may be written of things that are not as they were approved. */
function driftRows(
  path: string,
  withDrift: (drift: Json) => JsonObject,
): Record<string, readonly [JsonObject, JsonObject]> {
  const grades = ['wording', 'hints', 'schema', 'new', 'removed', 'server'];
  return Object.fromEntries([
    [path, [withDrift({}), withDrift('warn')]],
    ...grades.map((grade) => [
      `${path}.${grade}`,
      [withDrift({ [grade]: 'warn' }), withDrift({ [grade]: 'quarantine' })],
    ]),
  ]) as Record<string, readonly [JsonObject, JsonObject]>;
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

const audit = (settings: JsonObject): JsonObject => ({ ...NONE, audit: { sinks: [{ type: 'stdout' }], ...settings } });
const sink = (settings: JsonObject): JsonObject => ({ ...NONE, audit: { sinks: [settings] } });
const FILES = { type: 'file', directory: 'x' };
const POST = { type: 'http', url: 'https://x' };
const postHeaders = (value: Json): JsonObject => sink({ ...POST, headers: { a: value } });

const CHANGES: Readonly<Record<string, readonly [without: JsonObject, withIt: JsonObject]>> = {
  'outbound.allow[]': [NONE, { ...NONE, outbound: { allow: ['10.0.0.0/8'] } }],
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
  ...oauthChanges(),
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
  'servers.*.limits.calls': [STDIO, one({ command: 'x', limits: { calls: '7/s' } })],
  'servers.*.limits.tools.*': [STDIO, one({ command: 'x', limits: { tools: { 'y*': '7/s' } } })],
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
  'consumers.*.tokens[].scopes[]': [withTokens({}), withTokens({ scopes: ['y'] })],
  'consumers.*.limits.calls': [CONSUMER, consumer({ limits: { calls: '7/s' } })],
  'consumers.*.limits.tools.*': [CONSUMER, consumer({ limits: { tools: { 'one/y*': '7/s' } } })],
  'consumers.*.limits.waiting': [
    consumer({ limits: { concurrent: 7 } }),
    consumer({ limits: { concurrent: 7, waiting: 7 } }),
  ],
  'consumers.*.limits.streams': [CONSUMER, consumer({ limits: { streams: 7 } })],
  'consumers.*.limits.sessions': [CONSUMER, consumer({ limits: { sessions: 7 } })],
  'consumers.*.limits.subscriptions': [CONSUMER, consumer({ limits: { subscriptions: 7 } })],
  'limits.addresses': [NONE, { ...NONE, limits: { addresses: '7/s' } }],
  'limits.store.redis.url': [redis({}), redis({ url: 'redis://y:6379' })],
  'limits.store.redis.socket': [redis({}), { ...NONE, limits: { store: { redis: { socket: 'y' } } } }],
  'limits.store.redis.user': [redis({ password: SECRET }), redis({ password: SECRET, user: 'y' })],
  'limits.store.redis.password.secret': [redis({ password: SECRET }), redis({ password: { secret: 'env://B' } })],
  'limits.store.redis.password.format': [
    redis({ password: SECRET }),
    redis({ password: { ...SECRET, format: 'y{}' } }),
  ],
  'limits.store.redis.prefix': [redis({}), redis({ prefix: 'y:' })],
  'limits.store.whenAway': [redis({}), redis({}, { whenAway: 'refuse' })],
  'consumers.*.limits.concurrent': [CONSUMER, consumer({ limits: { concurrent: 7 } })],
  'consumers.*.roles[]': [CONSUMER, consumer({ roles: ['viewer'] })],
  'consumers.*.servers.*.allow[]': [
    consumer({ servers: { one: {} } }),
    consumer({ servers: { one: { allow: ['tool:y'] } } }),
  ],
  'consumers.*.servers.*.deny[]': [
    consumer({ servers: { one: {} } }),
    consumer({ servers: { one: { deny: ['tool:y'] } } }),
  ],
  'consumers.*.bundles[]': [withBundle({}), { ...withBundle({}), ...consumer({ bundles: ['b'] }) }],
  'bundles.*.title': [withBundle({}), withBundle({ title: 'y' })],
  'bundles.*.instructions': [withBundle({}), withBundle({ instructions: 'y' })],
  'bundles.*.servers[]': [withBundle({}), withBundle({ servers: ['one'] })],
  'bundles.*.servers.*.allow[]': [withBundle({}), withBundle({ servers: { one: { allow: ['y'] } } })],
  'bundles.*.servers.*.deny[]': [withBundle({}), withBundle({ servers: { one: { deny: ['y'] } } })],
  'bundles.*.allow[]': [withBundle({}), withBundle({ allow: ['tool:one/y'] })],
  'bundles.*.deny[]': [withBundle({}), withBundle({ deny: ['tool:one/y'] })],
  'consumers.*.servers[]': [CONSUMER, consumer({ servers: ['one'] })],
  'consumers.*.allow[]': [CONSUMER, consumer({ allow: ['tool:one/y'] })],
  'consumers.*.deny[]': [CONSUMER, consumer({ deny: ['tool:one/y'] })],
  ...driftRows('consumers.*.drift', (drift) => ({ ...consumer({ drift }), lock: { file: 'x' } })),
  ...driftRows('lock.drift', (drift) => ({ ...NONE, lock: { file: 'x', drift } })),
  'lock.file': [NONE, { ...NONE, lock: { file: 'y' } }],
  'lock.suspicious': [NONE, { ...NONE, lock: { suspicious: 'hide' } }],
  'roles.*[]': [
    { ...consumer({ roles: ['mine'] }), roles: { mine: ['servers:read'] } },
    { ...consumer({ roles: ['mine'] }), roles: { mine: ['servers:*'] } },
  ],
  'auth.issuers.*.issuer': [CONSUMER, consumer({}, { issuer: 'https://id.example.com/y' })],
  'auth.issuers.*.audience[]': [CONSUMER, consumer({}, { audience: ['y'] })],
  'auth.issuers.*.algorithms[]': [CONSUMER, consumer({}, { algorithms: ['ES384'] })],
  'auth.issuers.*.jwks': [CONSUMER, consumer({}, { jwks: 'https://id.example.com/keys' })],
  ...issuerRows(),
  'auth.resource': [NONE, { ...NONE, auth: { resource: 'https://mcp.example.com/mcp' } }],
  'audit.sinks[].type': [sink({ type: 'stdout' }), sink(FILES)],
  'audit.sinks[].directory': [sink(FILES), sink({ ...FILES, directory: 'y' })],
  'audit.sinks[].sync': [sink(FILES), sink({ ...FILES, sync: 'always' })],
  'audit.sinks[].segmentSize': [sink(FILES), sink({ ...FILES, segmentSize: '7MiB' })],
  'audit.sinks[].segmentAge': [sink(FILES), sink({ ...FILES, segmentAge: '7h' })],
  'audit.sinks[].keep': [sink(FILES), sink({ ...FILES, keep: 7 })],
  'audit.sinks[].url': [sink(POST), sink({ ...POST, url: 'https://y' })],
  'audit.sinks[].headers.*': [sink(POST), postHeaders('y')],
  'audit.sinks[].headers.*.secret': [postHeaders(SECRET), postHeaders({ secret: 'env://B' })],
  'audit.sinks[].headers.*.format': [postHeaders(SECRET), postHeaders({ ...SECRET, format: 'y{}' })],
  'audit.sinks[].headers.*.optional': [postHeaders(SECRET), postHeaders({ ...SECRET, optional: true })],
  'audit.sinks[].format': [sink(POST), sink({ ...POST, format: 'otlp' })],
  'audit.sinks[].timeout': [sink(POST), sink({ ...POST, timeout: '7s' })],
  'audit.sinks[].onFailure': [sink(POST), sink({ ...POST, onFailure: 'open' })],
  'audit.sinks[].onFailure.buffer': [sink(POST), sink({ ...POST, onFailure: { buffer: 7 } })],
  'audit.onFailure': [audit({}), audit({ onFailure: 'open' })],
  'audit.onFailure.buffer': [audit({}), audit({ onFailure: { buffer: 7 } })],
  'audit.wait': [audit({}), audit({ wait: 'all' })],
  'audit.values[]': [audit({}), audit({ values: ['tool:one/y'] })],
  'audit.key.secret': [audit({}), audit({ key: SECRET })],
  'listen.host': [NONE, { ...NONE, listen: { host: '0.0.0.0' } }],
  'listen.socket': [NONE, { ...NONE, listen: { socket: 'y' } }],
  'calls.busyPoll': [NONE, { ...NONE, calls: { busyPoll: false } }],
  'listen.workers': [NONE, { ...NONE, listen: { workers: 2 } }],
  'listen.trustedProxies[]': [NONE, { ...NONE, listen: { trustedProxies: ['10.0.0.0/8'] } }],
  'listen.tls.certificate': [listenTls({}), listenTls({ certificate: 'y' })],
  'listen.tls.key': [listenTls({}), listenTls({ key: 'y' })],
  'listen.tls.key.secret': [listenTls({}), listenTls({ key: SECRET })],
  'listen.tls.clientAuthorities': [CLIENT_TLS, listenTls({ clientAuthorities: 'y', clientCertificates: 'optional' })],
  'listen.tls.clientCertificates': [CLIENT_TLS, listenTls({ clientAuthorities: 'x', clientCertificates: 'required' })],
  'auth.certificateHeader.name': [certificateHeader({}), certificateHeader({ name: 'y' })],
  'auth.certificateHeader.format': [certificateHeader({}), certificateHeader({ format: 'envoy' })],
  'consumers.*.certificates[].san': [CONSUMER, consumer({ certificates: [{ san: 'DNS:y' }] })],
  'consumers.*.certificates[].fingerprint': [
    CONSUMER,
    consumer({ certificates: [{ fingerprint: `sha256:${'0'.repeat(64)}` }] }),
  ],
  'listen.port': [NONE, { ...NONE, listen: { port: 9000 } }],
  'listen.allowedHosts[]': [NONE, { ...NONE, listen: { allowedHosts: ['y'] } }],
  'listen.allowedOrigins[]': [NONE, { ...NONE, listen: { allowedOrigins: ['https://y'] } }],
  ...Object.fromEntries(
    ['api', 'audit', 'auth', 'config', 'endpoint', 'host', 'secrets', 'upstream'].map((module) => [
      `log.modules.${module}`,
      [NONE, { ...NONE, log: { modules: { [module]: 'debug' } } }] as const,
    ]),
  ),
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
