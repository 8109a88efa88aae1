import { randomUUID } from 'node:crypto';
import { callModern, exchange, initializeRequest, openLegacySession } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportingServer, startClouds } from './support/cloud-host.ts';
import type { CloudHost, Clouds } from './support/cloud-host.ts';
import { digestOf } from './support/digest.ts';
import { startGuardedServer } from './support/guarded-server.ts';
import type { GuardedServer } from './support/guarded-server.ts';

const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];
const values = {
  TOKEN: randomUUID(),
  DB_PASSWORD: randomUUID(),
  SIGNING_KEY_FILE: `-----BEGIN KEY-----\n${randomUUID()}\n-----END KEY-----`,
  SMTP_PASSWORD_FILE: randomUUID(),
};
const key = randomUUID();
const fresh = { TOKEN: randomUUID(), key: randomUUID() };
/** In the environment of the host, and nobody's business. */
const decoy = randomUUID();
const canaries = [...Object.values(values), ...Object.values(fresh), key, decoy]
  .flatMap((value) => value.split('\n'))
  .filter((line) => !line.startsWith('-----'));

/** Closed in turn, the last one first. */
const opened = new AsyncDisposableStack();
let clouds: Clouds;
let remote: GuardedServer;
let host: CloudHost;

beforeAll(async () => {
  clouds = opened.use(await startClouds());
  remote = opened.use(await startGuardedServer(`Bearer ${key}`));
  const { google, amazon } = clouds;
  google.set('token', values.TOKEN);
  google.set('kept-away', randomUUID());
  google.fail('kept-away', 'denied');
  amazon.set('prod/db', JSON.stringify({ login: { user: 'app', password: values.DB_PASSWORD } }));
  amazon.set('prod/key', key);
  amazon.set('prod/kept-away', randomUUID());
  amazon.deny('prod/kept-away');
  await clouds.write('signing-key', `${values.SIGNING_KEY_FILE}\n`);
  host = opened.use(
    await clouds.host({
      servers: {
        child: reportingServer({
          TOKEN: { secret: 'gcp://token' },
          DB_PASSWORD: { secret: 'aws://prod/db#login.password' },
          SIGNING_KEY_FILE: { secret: 'file://./signing-key', as: 'file' },
          SMTP_PASSWORD_FILE: { secret: 'env://MAIL_PASSWORD', as: 'fd' },
          MODE: 'production',
        }),
        remote: { url: remote.url, headers: { authorization: { secret: 'aws://prod/key', format: 'Bearer {}' } } },
        'denied-by-google': reportingServer({ TOKEN: { secret: 'gcp://kept-away' } }),
        'denied-by-aws': { url: remote.url, headers: { authorization: { secret: 'aws://prod/kept-away' } } },
        lenient: reportingServer({ TOKEN: { secret: 'gcp://kept-away', optional: true } }),
      },
      secrets: { refresh: '0s' },
      api: { secrets: { enabled: true } },
      environment: { MAIL_PASSWORD: values.SMTP_PASSWORD_FILE, DEPLOY_TOKEN: decoy },
    }),
  );
});
afterAll(() => opened.disposeAsync());

interface ToolAnswer {
  readonly result?: { readonly content?: readonly { readonly text: string }[] };
  readonly error?: object;
}

async function callInBothEras(name: string): Promise<readonly ToolAnswer[]> {
  const endpoint = `${host.url}/mcp`;
  const session = await openLegacySession(endpoint);
  const legacy = await session.call('tools/call', { name, arguments: {} });
  const modern = await callModern(endpoint, 'tools/call', { name, arguments: {} });
  return [legacy, modern].map(({ messages }) => messages.at(-1) as ToolAnswer);
}

async function textsOf(name: string): Promise<readonly string[]> {
  return (await callInBothEras(name)).map((answer) => answer.result?.content?.[0]?.text ?? JSON.stringify(answer));
}

function expectNoValue(text: string): void {
  for (const canary of canaries) expect(text).not.toContain(canary);
}

const digests = (of: object) =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, digestOf(String(value))]));

describe('secrets of two clouds, a file and the environment', () => {
  it('reach a process: the declared ones, right, and nothing else of the host', async () => {
    const expected = [...Object.keys(values), 'MODE', ...INHERITED.filter((name) => process.env[name] !== undefined)];
    for (const text of await textsOf('child__report')) {
      const report = JSON.parse(text) as Record<string, string>;
      expect(new Set(Object.keys(report))).toEqual(new Set(expected));
      expect(report).toMatchObject(digests({ ...values, MODE: 'production' }));
    }
  });

  it('reach a server on the network: in the declared header of every request, and nowhere else', async () => {
    expect(await textsOf('remote__which')).toEqual([digestOf(`Bearer ${key}`), digestOf(`Bearer ${key}`)]);
    expect(remote.seen.length).toBeGreaterThan(2);
    for (const { authorization, ...others } of remote.seen) {
      expect(authorization).toBe(`Bearer ${key}`);
      expectNoValue(JSON.stringify(others));
    }
  });

  it('cost one read each, however many servers, keys and clients use them', () => {
    const reads = (secret: string) => clouds.google.reads.filter(({ name }) => name.includes(`/${secret}/`)).length;
    expect({ token: reads('token'), db: clouds.amazon.reads('prod/db'), key: clouds.amazon.reads('prod/key') }).toEqual(
      {
        token: 1,
        db: 1,
        key: 1,
      },
    );
  });

  it.each([
    ['denied-by-google', 'report', 'roles/secretmanager.secretAccessor', 'gcp://kept-away'],
    ['denied-by-aws', 'which', 'secretsmanager:GetSecretValue', 'aws://prod/kept-away'],
  ])(
    '%s: what is refused blocks that server alone, with the permission it lacks',
    async (name, tool, permission, reference) => {
      const endpoint = `${host.url}/servers/${name}/mcp`;
      const legacy = await exchange(endpoint, { body: initializeRequest(1) });
      const modern = await callModern(endpoint, 'tools/call', { name: tool, arguments: {} });
      for (const { messages } of [legacy, modern]) {
        expect(messages.at(-1)?.error).toMatchObject({ code: -32_017, data: { code: 'SECRET_ACCESS_DENIED' } });
      }
      const { text } = await exchange(`${host.url}/v1/servers`);
      const { servers } = JSON.parse(text) as { servers: readonly { name: string; state: { status: string } }[] };
      const blocked = servers.find((server) => server.name === name);
      expect(blocked).toMatchObject({ state: { status: 'blocked' } });
      expect(JSON.stringify(blocked)).toContain(permission);
      expect(JSON.stringify(blocked)).toContain(reference);
      expect(servers.filter(({ state }) => state.status === 'up').map((server) => server.name)).toEqual([
        'child',
        'remote',
        'lenient',
      ]);
    },
  );

  it('leaves out what is refused and optional, and says so', async () => {
    for (const text of await textsOf('lenient__report')) expect(JSON.parse(text)).not.toHaveProperty('TOKEN');
    const { text } = await exchange(`${host.url}/v1/servers/lenient`);
    expect(text).toContain('gcp://kept-away');
  });

  it('are shown by name, never by value', async () => {
    const pages = ['v1/secrets', 'v1/servers', 'readyz', 'healthz', 'metrics', 'v1/openapi.json', 'v1/tools'];
    for (const page of pages) expectNoValue((await exchange(`${host.url}/${page}`)).text);
    const secrets = (await exchange(`${host.url}/v1/secrets`)).text;
    const metrics = (await exchange(`${host.url}/metrics`)).text;
    for (const name of ['gcp://token', 'aws://prod/db#login.password', 'file://./signing-key', 'aws://prod/key']) {
      expect(secrets).toContain(name);
      expect(metrics).toContain(`secret="${name}"`);
    }
    const readiness = JSON.parse((await exchange(`${host.url}/readyz`)).text) as { secrets: object };
    expect(readiness.secrets).toEqual({
      stale: [],
      failing: ['gcp://kept-away', 'aws://prod/kept-away'],
      rotations: [],
    });
    expectNoValue(host.output());
  });

  it('are checked by the command: exit code 3, and what to grant', async () => {
    await using check = await clouds.command('secrets', 'check');
    expect(await check.exited).toMatchObject({ code: 3 });
    await check.stdout.ended;
    const text = check.stdout.text() + check.stderr.text();
    for (const part of ['gcp://token', 'roles/secretmanager.secretAccessor', 'secretsmanager:GetSecretValue']) {
      expect(text).toContain(part);
    }
    expectNoValue(text);
  });

  it('that were changed reach both servers when the host is asked to rotate', async () => {
    clouds.google.set('token', fresh.TOKEN);
    clouds.amazon.set('prod/key', fresh.key);
    remote.accepted.add(`Bearer ${fresh.key}`);
    const answer = await exchange(`${host.url}/v1/secrets/rotate`, { body: {}, timeout: 30_000 });
    expect(JSON.parse(answer.text)).toMatchObject({
      changed: expect.arrayContaining(['gcp://token', 'aws://prod/key']) as string[],
      servers: expect.arrayContaining([
        { name: 'child', outcome: 'restarted' },
        { name: 'remote', outcome: 'renewed' },
      ]) as object[],
    });
    for (const text of await textsOf('child__report'))
      expect(JSON.parse(text)).toMatchObject(digests({ ...values, TOKEN: fresh.TOKEN }));
    expect(await textsOf('remote__which')).toEqual([digestOf(`Bearer ${fresh.key}`), digestOf(`Bearer ${fresh.key}`)]);
    expectNoValue(answer.text + host.output());
  });
});
