import { isHostlerError } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './parse.ts';
import { toPlan } from './plan/to-plan.ts';

const FILE = '/etc/hostler/hostler.yaml';

const YAML = `
# everything a person may write
$schema: ./hostler.schema.json
servers:
  github:
    command: npx
    args: [-y, "@modelcontextprotocol/server-github", --port=80]
    env:
      GITHUB_TOKEN: { secret: "gcp://my-project/github-token" }
      HOME: /srv/github
      MAYBE: { secret: "env://MAYBE", optional: true, format: "v={}" }
      KEY_FILE: { secret: "local://key", as: file }
      NODE_OPTIONS: --enable-source-maps
    allowEnv: [NODE_OPTIONS]
    cwd: work
    era: legacy
    interactive: false
    required: true
    startTimeout: 1500ms
    timeout: 2m
  local:
    command: ./bin/server
  remote:
    type: streamable-http
    url: https://mcp.internal/warehouse
    headers:
      authorization: { secret: "aws://prod/warehouse#token", format: "Bearer {}" }
      x-team: data
    timeout: 250ms
  off:
    command: never
    disabled: true
secrets:
  providers:
    - use: "@hostler/secrets-gcp"
      with: { project: my-project, nested: { list: [1, two, null] } }
    - use: ./providers/vault.ts
      with: { token: { secret: "env://VAULT_TOKEN" } }
  refresh: 1m
  maxStale: 2h
  timeout: 1500ms
  guard: { results: refuse, arguments: mask }
  local:
    file: keys/hostler.vault
    key: { secret: "file:///run/secrets/key", format: "pass:{}" }
    oldKeys: [{ secret: "env://OLD_KEY", format: "{}" }]
consumers:
  ci-bot:
    keys:
      - hash: "sha256:${'0a'.repeat(32)}"
        expires: 2098-12-31
      - secret: "env://CI_BOT_KEY"
        expires: 2099-01-31T18:00:00+01:00
    tokens:
      - issuer: acme
        claims: { sub: "robot-*", realm_access.roles: ci }
      - issuer: other
        claims: { sub: ci }
    limits: { calls: 600/min, concurrent: 16 }
    servers: [github, remote]
    allow: ["tool:github/create_*", "remote/**"]
    deny: ["tool:github/create_release"]
  everyone:
    keys: [{ hash: "sha256:${'0b'.repeat(32)}" }]
    limits: { calls: 5000/h }
  nothing:
    keys: [{ secret: "local://nothing" }]
    limits: {}
    servers: []
    allow: []
    deny: []
auth:
  issuers:
    acme:
      issuer: https://id.example.com/
      audience: [https://mcp.example.com/mcp, hostler]
      algorithms: [ES256]
      jwks: http://127.0.0.1:9000/keys
    other:
      issuer: http://localhost:9001
  resource: https://mcp.example.com/mcp
calls: { busyPoll: false }
listen:
  host: 0.0.0.0
  port: 0
  allowedHosts: [mcp.example.com, "mcp.example.com:8443"]
  allowedOrigins: [https://app.example.com]
log:
  level: debug
shutdown:
  grace: 0s
reload:
  watch: true
api:
  servers:
    enabled: true
    commands: [npx, /usr/bin/node]
    hosts: ["*.example.com"]
    secrets: ["gcp://team/*"]
    env: [MCP_*]
  secrets:
    enabled: true
`;

const PLAN = {
  servers: [
    {
      name: 'github',
      transport: {
        kind: 'stdio',
        command: 'npx',
        args: ['-y', '@modelcontextprotocol/server-github', '--port=80'],
        env: {
          GITHUB_TOKEN: { secret: 'gcp://my-project/github-token' },
          HOME: '/srv/github',
          MAYBE: { secret: 'env://MAYBE', optional: true, format: 'v={}' },
          KEY_FILE: { secret: 'local://key', as: 'file' },
          NODE_OPTIONS: '--enable-source-maps',
        },
        cwd: '/etc/hostler/work',
      },
      era: 'legacy',
      interactive: false,
      required: true,
      startTimeout: 1500,
      callTimeout: 120_000,
    },
    {
      name: 'local',
      transport: { kind: 'stdio', command: '/etc/hostler/bin/server', args: [], env: {}, cwd: '/etc/hostler' },
      era: 'auto',
      interactive: true,
      required: false,
      startTimeout: 30_000,
      callTimeout: 60_000,
    },
    {
      name: 'remote',
      transport: {
        kind: 'http',
        protocol: 'streamable-http',
        url: 'https://mcp.internal/warehouse',
        headers: {
          authorization: { secret: 'aws://prod/warehouse#token', format: 'Bearer {}' },
          'x-team': 'data',
        },
      },
      era: 'auto',
      interactive: true,
      required: false,
      startTimeout: 30_000,
      callTimeout: 250,
    },
  ],
  groups: [],
  providers: [
    { use: '@hostler/secrets-gcp', with: { project: 'my-project', nested: { list: [1, 'two', null] } } },
    { use: '/etc/hostler/providers/vault.ts', with: { token: { secret: 'env://VAULT_TOKEN' } } },
  ],
  secrets: {
    refresh: 60_000,
    maxStale: 7_200_000,
    readTimeout: 1_500,
    guard: { results: 'refuse', arguments: 'mask' },
    local: {
      file: '/etc/hostler/keys/hostler.vault',
      key: { secret: 'file:///run/secrets/key', format: 'pass:{}' },
      oldKeys: [{ secret: 'env://OLD_KEY' }],
    },
  },
  bundles: [],
  consumers: [
    {
      name: 'ci-bot',
      keys: [
        { hash: `sha256:${'0a'.repeat(32)}`, expires: Date.UTC(2098, 11, 31) },
        { secret: { secret: 'env://CI_BOT_KEY' }, expires: Date.UTC(2099, 0, 31, 17) },
      ],
      tokens: [
        { issuer: 'acme', claims: { sub: 'robot-*', 'realm_access.roles': 'ci' } },
        { issuer: 'other', claims: { sub: 'ci' } },
      ],
      limits: { calls: { count: 600, per: 60_000 }, concurrent: 16 },
      servers: ['github', 'remote'],
      allow: ['tool:github/create_*', 'remote/**'],
      deny: ['tool:github/create_release'],
    },
    {
      name: 'everyone',
      keys: [{ hash: `sha256:${'0b'.repeat(32)}` }],
      tokens: [],
      limits: { calls: { count: 5_000, per: 3_600_000 } },
    },
    {
      name: 'nothing',
      keys: [{ secret: { secret: 'local://nothing' } }],
      tokens: [],
      servers: [],
      allow: [],
      deny: [],
    },
  ],
  auth: {
    issuers: [
      {
        name: 'acme',
        issuer: 'https://id.example.com/',
        audience: ['https://mcp.example.com/mcp', 'hostler'],
        algorithms: ['ES256'],
        jwks: 'http://127.0.0.1:9000/keys',
      },
      {
        name: 'other',
        issuer: 'http://localhost:9001',
        audience: ['https://mcp.example.com/mcp'],
        algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      },
    ],
    resource: 'https://mcp.example.com/mcp',
  },
  limits: {},
  listen: {
    host: '0.0.0.0',
    port: 0,
    allowedHosts: ['mcp.example.com', 'mcp.example.com:8443'],
    allowedOrigins: ['https://app.example.com'],
  },
  lock: {
    drift: { wording: 'warn', hints: 'hide', schema: 'hide', new: 'hide', removed: 'warn', server: 'quarantine' },
    suspicious: 'strip',
  },
  calls: { busyPoll: false },
  outbound: { allow: [] },
  log: { level: 'debug', modules: {} },
  shutdownGrace: 0,
  api: {
    servers: {
      enabled: true,
      commands: ['npx', '/usr/bin/node'],
      hosts: ['*.example.com'],
      secrets: ['gcp://team/*'],
      env: ['MCP_*'],
    },
    secrets: { enabled: true },
  },
  reload: { watch: true },
  source: FILE,
  folder: '/etc/hostler',
};

describe('the plan of a hostler.yaml', () => {
  it('is complete: every key of the file is in it', () => {
    const { plan, ...rest } = parseConfig(YAML, FILE);
    const { written, ...facts } = plan;
    expect({ plan: facts, ...rest }).toEqual({ plan: PLAN, notes: [], format: 'hostler' });
    expect(written).toMatchObject({
      github: { timeout: '2m', env: { GITHUB_TOKEN: { secret: 'gcp://my-project/github-token' } } },
      local: { command: './bin/server' },
      off: { command: 'never', disabled: true },
    });
  });

  it('has a default for everything but the servers', () => {
    expect(parseConfig('servers: {}', FILE).plan).toEqual({
      servers: [],
      groups: [],
      providers: [],
      secrets: {
        refresh: 300_000,
        maxStale: 3_600_000,
        readTimeout: 5_000,
        guard: { results: 'mask', arguments: 'refuse' },
        local: undefined,
      },
      auth: { issuers: [] },
      bundles: [],
      limits: {},
      listen: { host: '127.0.0.1', port: 8000 },
      lock: {
        drift: { wording: 'warn', hints: 'hide', schema: 'hide', new: 'hide', removed: 'warn', server: 'quarantine' },
        suspicious: 'strip',
      },
      calls: { busyPoll: true },
      outbound: { allow: [] },
      log: { level: 'info', modules: {} },
      shutdownGrace: 25_000,
      api: { servers: { enabled: false, commands: [], hosts: [], secrets: [], env: [] }, secrets: { enabled: false } },
      reload: { watch: false },
      written: {},
      folder: '/etc/hostler',
      source: FILE,
    });
  });

  it('tells that nobody gets in from that nobody has to prove anything', () => {
    expect(parseConfig('servers: {}', FILE).plan).not.toHaveProperty('consumers');
    expect(parseConfig('servers: {}\nconsumers: {}', FILE).plan.consumers).toEqual([]);
  });

  it('has a vault with a file and a key of its own accord', () => {
    expect(parseConfig('servers: {}\nsecrets: { local: {} }', FILE).plan.secrets.local).toEqual({
      file: '/etc/hostler/hostler.vault',
      key: { secret: 'env://HOSTLER_ENCRYPTION_KEY' },
      oldKeys: [],
    });
  });

  it('may have one secret under several names', () => {
    const text = 'servers: { a: { command: b, env: { A: { secret: "env://X" }, B: { secret: "env://X" } } } }';
    expect(parseConfig(text, FILE).notes).toEqual([]);
  });

  it('is the same from JSON with comments and trailing commas', () => {
    const text = `\uFEFF{
\t// the one server
\t"servers": { "local": { "command": "./bin/server", /* none */ "args": [], }, },
}`;
    const { plan } = parseConfig(text, '/etc/hostler/hostler.jsonc');
    expect(plan.servers).toEqual([PLAN.servers[1]]);
  });

  it('is frozen all the way down', () => {
    const { plan } = parseConfig(YAML, FILE);
    const parts: unknown[] = [plan];
    for (const part of parts) {
      if (typeof part !== 'object' || part === null) continue;
      expect(Object.isFrozen(part)).toBe(true);
      parts.push(...(Object.values(part) as unknown[]));
    }
    expect(parts.length).toBeGreaterThan(60);
  });

  it('keeps YAML 1.2 words as text', () => {
    const { plan } = parseConfig('servers: { a: { command: b, env: { A: yes, B: off, C: "on" } } }', FILE);
    expect(plan.servers[0]?.transport).toMatchObject({ env: { A: 'yes', B: 'off', C: 'on' } });
  });

  it('notes secrets in clear, without showing them', () => {
    const text = 'servers:\n  a: { command: b, env: { GITHUB_TOKEN: ghp_1, MAX_TOKENS: "9", API_KEY: "" } }\n';
    const { notes } = parseConfig(text, FILE);
    expect(notes).toEqual([
      {
        file: FILE,
        line: 2,
        column: 41,
        path: 'servers.a.env.GITHUB_TOKEN',
        message: 'this looks like a secret, written in clear',
        hint: 'write { secret: "env://GITHUB_TOKEN" } or another reference',
      },
    ]);
  });

  it('comes only from files whose name says how to read them', () => {
    expect(() => parseConfig('', '/etc/hostler.toml')).toThrow('its name must end in .yaml, .yml, .json or .jsonc');
  });
});

describe('toPlan', () => {
  it('completes a configuration built in code', () => {
    const plan = toPlan({ servers: { a: { command: './b' } } }, { source: 'test', folder: '/work' });
    expect(plan.servers[0]?.transport).toMatchObject({ command: '/work/b', cwd: '/work' });
  });

  it('leaves the given object unfrozen', () => {
    const list = [1];
    const config = { servers: {}, secrets: { providers: [{ use: 'x', with: { list } }] } };
    toPlan(config, { source: 'test' });
    expect([config, config.secrets.providers[0]?.with, list].some((part) => Object.isFrozen(part))).toBe(false);
  });

  it('reports problems without lines', () => {
    let problems: unknown;
    try {
      toPlan({ servers: { a: { url: 'ftp://b' }, b: { command: '${C}' } } }, { source: 'test' });
    } catch (error) {
      problems = isHostlerError(error) && error.code === 'CONFIG_INVALID' ? error.details['problems'] : error;
    }
    expect(problems).toMatchObject([
      { file: 'test', path: 'servers.b.command' },
      { file: 'test', path: 'servers.a.url' },
    ]);
  });
});
