import { settle } from '@hostler/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendJson, signingKey, StandInIssuer } from './stand-in-issuer.ts';
import { consumer, createWorld, issuerSpec, signal } from './table.ts';

const MINUTE = 60_000;
const METADATA = '/realms/main/.well-known/openid-configuration';
const KEYS = '/realms/main/keys';
const everybody = [consumer('team', { tokens: [{ issuer: 'main', claims: {} }] })];

const team = expect.objectContaining({ name: 'team' }) as unknown;

let issuer: StandInIssuer;

beforeEach(async () => {
  issuer = await StandInIssuer.start(await signingKey('one', 'ES256'));
});

afterEach(async () => {
  await issuer[Symbol.asyncDispose]();
});

function world(jwks?: string): ReturnType<typeof createWorld> {
  return createWorld(everybody, [
    issuerSpec(issuer, { algorithms: ['ES256'], ...(jwks === undefined ? {} : { jwks }) }),
  ]);
}

/** A token that was never seen before. */
let serial = 0;
async function fresh(parts: Parameters<StandInIssuer['token']>[0] = {}): Promise<string> {
  serial += 1;
  return await issuer.token({ ...parts, claims: { jti: String(serial), exp: issuer.now + 36_000, ...parts.claims } });
}

function published(): string {
  return JSON.stringify({ keys: issuer.keys.map((key) => key.published) });
}

function away(path: string): void {
  issuer.bent.set(path, (response) => void response.writeHead(503).end('down'));
}

describe('the keys of an issuer', () => {
  it('are found through its metadata, and read once for all who wait', async () => {
    const { bearer } = world();
    const tokens = await Promise.all(Array.from({ length: 20 }, async () => await fresh()));
    expect(issuer.asked).toEqual([]);
    expect(await Promise.all(tokens.map(bearer))).toEqual(tokens.map(() => team));
    expect(issuer.asked).toEqual([METADATA, KEYS]);
  });

  it('are found through the metadata of RFC 8414', async () => {
    issuer.bent.set(METADATA, (response) => void response.writeHead(404).end());
    issuer.bent.set('/.well-known/oauth-authorization-server/realms/main', (response) =>
      sendJson(response, { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }),
    );
    expect(await world().bearer(await fresh())).toEqual(team);
  });

  it('are read from the address that is configured', async () => {
    expect(await world(`${issuer.url}/keys`).bearer(await fresh())).toEqual(team);
    expect(issuer.asked).toEqual([KEYS]);
  });

  it.each<[string, () => unknown]>([
    ['of another issuer', () => ({ issuer: 'https://evil.example', jwks_uri: `${issuer.url}/keys` })],
    ['with a slash more', () => ({ issuer: `${issuer.url}/`, jwks_uri: `${issuer.url}/keys` })],
    ['without keys', () => ({ issuer: issuer.url })],
    ['with keys elsewhere without TLS', () => ({ issuer: issuer.url, jwks_uri: 'http://keys.example/' })],
    ['with keys in a file', () => ({ issuer: issuer.url, jwks_uri: 'file:///etc/passwd' })],
    ['that is a list', () => []],
  ])('are not taken from metadata %s', async (_, metadata) => {
    issuer.bent.set(METADATA, (response) => sendJson(response, metadata()));
    const { bearer, log, fetched } = world();
    expect(await bearer(await fresh())).toBe('AUTH_UNAVAILABLE');
    expect(fetched.filter((address) => !address.includes('/.well-known/'))).toEqual([]);
    expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
  });

  it.each<[string, Parameters<StandInIssuer['bent']['set']>[1]]>([
    ['redirect', (response) => void response.writeHead(302, { location: `${KEYS}-moved` }).end()],
    ['fail', (response) => void response.writeHead(500).end(published())],
    ['are no JSON', (response) => void response.writeHead(200).end('<html>')],
    ['are no key set', (response) => sendJson(response, { keys: 'none' })],
    ['are none', (response) => sendJson(response, { keys: [] })],
    ['are shared ones', (response) => sendJson(response, { keys: [{ kty: 'oct', k: 'AAAA', kid: 'one' }] })],
    ['are too many', (response) => sendJson(response, { keys: Array.from({ length: 33 }, () => ({ kty: 'EC' })) })],
    ['are too long', (response) => void response.writeHead(200).end(published() + ' '.repeat(262_144))],
    [
      'break off',
      (response) => void response.writeHead(200, { 'content-length': '9' }).write('{', () => response.destroy()),
    ],
  ])('that %s are none', async (_, answer) => {
    issuer.bent.set(KEYS, answer);
    issuer.bent.set(`${KEYS}-moved`, (response) =>
      sendJson(response, { keys: issuer.keys.map((key) => key.published) }),
    );
    const { bearer } = world();
    expect(await bearer(await fresh())).toBe('AUTH_UNAVAILABLE');
    expect(issuer.asked).not.toContain(`${KEYS}-moved`);
  });

  it('that do not come within five seconds are given up', async () => {
    issuer.bent.set(KEYS, () => undefined);
    const { bearer, clock } = world(`${issuer.url}/keys`);
    const answer = bearer(await fresh());
    while (issuer.keyReads === 0) await settle();
    await clock.pass(4_999);
    expect(await Promise.race([answer, settle()])).toBeUndefined();
    await clock.pass(1);
    expect(await answer).toBe('AUTH_UNAVAILABLE');
    expect(clock.pending).toBe(0);
  });

  it('are waited for by each caller as long as it likes, and not after closing', async () => {
    issuer.bent.set(KEYS, () => undefined);
    const { table, bearer, clock } = world(`${issuer.url}/keys`);
    const controller = new AbortController();
    const facts = { authorization: `Bearer ${await fresh()}` };
    const impatient = Promise.resolve(table.identify(facts, controller.signal));
    const patient = bearer(await fresh());
    controller.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    expect(await Promise.race([patient, settle()])).toBeUndefined();
    table.close();
    expect(await patient).toBe('AUTH_UNAVAILABLE');
    expect(clock.pending).toBe(0);
    await expect(Promise.resolve(table.identify(facts, signal))).rejects.toThrow('try again');
  });

  it('are read anew after ten minutes: what is gone from them is not accepted any more', async () => {
    const { bearer, clock } = world();
    const old = issuer.keys[0];
    if (old === undefined) throw new Error('no key');
    expect(await bearer(await fresh())).toEqual(team);
    issuer.keys = [await signingKey('two', 'ES256')];
    await clock.pass(10 * MINUTE);
    expect(await bearer(await fresh({ key: old }))).toEqual(team);
    await clock.pass(1);
    expect(await bearer(await fresh({ key: old }))).toBe('AUTH_INVALID');
    expect(await bearer(await fresh())).toEqual(team);
    expect(issuer.asked).toEqual([METADATA, KEYS, KEYS]);
  });
});

describe('a key that is not known', () => {
  it('is looked for at the issuer: a rotation needs no restart', async () => {
    const { bearer, clock } = world();
    expect(await bearer(await fresh())).toEqual(team);
    issuer.keys = [...issuer.keys, await signingKey('two', 'ES256')];
    const next = issuer.keys[1];
    if (next === undefined) throw new Error('no key');
    await clock.pass(30_000);
    expect(await bearer(await fresh({ key: next }))).toEqual(team);
    expect(await bearer(await fresh())).toEqual(team);
    expect(issuer.keyReads).toBe(2);
  });

  it('costs the issuer one request in thirty seconds, however many come', async () => {
    const { bearer, clock } = world();
    const flood = async (): Promise<void> => {
      const forged = Array.from({ length: 200 }, async (_, index) => await fresh({ header: { kid: `x${index}` } }));
      const answers = await Promise.all((await Promise.all(forged)).map(bearer));
      expect(new Set(answers)).toEqual(new Set(['AUTH_INVALID']));
    };
    await flood();
    expect(issuer.keyReads).toBe(1);
    await clock.pass(29_999);
    await flood();
    expect(issuer.keyReads).toBe(1);
    await clock.pass(1);
    await flood();
    expect(issuer.keyReads).toBe(2);
    expect(await bearer(await fresh())).toEqual(team);
  });

  it('may be a new one while the issuer is away: nobody can tell', async () => {
    const { bearer, clock } = world();
    expect(await bearer(await fresh())).toEqual(team);
    away(KEYS);
    await clock.pass(30_000);
    expect(await bearer(await fresh({ header: { kid: 'x' } }))).toBe('AUTH_UNAVAILABLE');
    expect(await bearer(await fresh())).toEqual(team);
  });
});

describe('an issuer that is away', () => {
  it('is served for with its last keys for an hour, asked every thirty seconds, and heard of when it is back', async () => {
    const { bearer, clock, log } = world();
    expect(await bearer(await fresh())).toEqual(team);
    away(KEYS);
    away(METADATA);
    await clock.pass(10 * MINUTE + 1);
    for (let round = 0; round < 10; round += 1) expect(await bearer(await fresh())).toEqual(team);
    expect(issuer.keyReads).toBe(2);
    await clock.pass(30_000);
    expect(await bearer(await fresh())).toEqual(team);
    expect(issuer.asked.filter((path) => path === METADATA)).toHaveLength(2);
    await clock.pass(49.5 * MINUTE - 1);
    expect(await bearer(await fresh())).toEqual(team);
    await clock.pass(1);
    expect(await bearer(await fresh())).toBe('AUTH_UNAVAILABLE');
    issuer.bent.clear();
    await clock.pass(4_998);
    expect(await bearer(await fresh())).toBe('AUTH_UNAVAILABLE');
    await clock.pass(1);
    expect(await bearer(await fresh())).toEqual(team);
    expect(log.lines.at(-1)).toEqual({
      level: 'info',
      fields: { issuer: 'main' },
      message: 'The keys of the issuer can be read again',
    });
  });

  it('is served for by the table that takes the place of one which has read its keys, as long as that one would', async () => {
    const specs = [issuerSpec(issuer, { algorithms: ['ES256'] })];
    const former = world();
    expect(await former.bearer(await fresh())).toEqual(team);
    const { bearer, clock } = createWorld(everybody, specs, former);
    former.table.close();
    away(KEYS);
    away(METADATA);
    expect(await bearer(await fresh())).toEqual(team);
    const other = createWorld(everybody, [{ ...specs[0]!, jwks: `${issuer.url}/other` }], former);
    expect(await other.bearer(await fresh())).not.toEqual(team);
    await clock.pass(60 * MINUTE + 1);
    expect(await bearer(await fresh())).toBe('AUTH_UNAVAILABLE');
  });

  it('from the start is asked every five seconds', async () => {
    away(METADATA);
    const { bearer, clock } = world();
    expect(await bearer(await fresh())).toBe('AUTH_UNAVAILABLE');
    expect(await bearer(await fresh())).toBe('AUTH_UNAVAILABLE');
    issuer.bent.clear();
    await clock.pass(5_000);
    expect(await bearer(await fresh())).toEqual(team);
  });

  it('holds up nobody with a key', async () => {
    away(METADATA);
    expect(await world().ask({ apiKey: 'no-key-of-anybody-here' })).toBe('AUTH_INVALID');
    expect(issuer.asked).toEqual([]);
  });
});
