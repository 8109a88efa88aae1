import { defineErrors } from '@hostler/kernel';
import type { Clock, HttpSpec } from '@hostler/kernel';
import { Secret } from '@hostler/secrets';
import { describe, expect, test } from 'vitest';
import { resolveOutboundHeaders } from './outbound-headers.ts';
import type { MissingSecret } from './pool.ts';

const secretErrors = defineErrors('SECRET', {
  NOT_FOUND: { http: 503, rpc: -32017, fault: 'operator', retryable: false, message: 'none' },
  UNAVAILABLE: { http: 503, rpc: -32017, fault: 'operator', retryable: true, message: 'not now' },
});

const signal = new AbortController().signal;

function setup(headers: HttpSpec['headers'], values: Record<string, string | Error> = {}) {
  let now = 0;
  let reads = 0;
  const expired: string[] = [];
  const missing: (readonly MissingSecret[])[] = [];
  const clock: Clock = { now: () => now, after: () => () => {} };
  const secrets = {
    resolve(reference: string) {
      reads++;
      const value = values[reference] ?? secretErrors.NOT_FOUND();
      return typeof value === 'string' ? Promise.resolve(new Secret(value, { reference })) : Promise.reject(value);
    },
    expire: (reference: string) => void expired.push(reference),
  };
  const transport: HttpSpec = { kind: 'http', url: 'https://mcp.test:8443/path?query', headers };
  return {
    resolve: () =>
      resolveOutboundHeaders({
        server: 'remote',
        transport,
        secrets,
        clock,
        signal,
        onMissing: (names) => missing.push(names),
      }),
    values,
    expired,
    missing,
    reads: () => reads,
    pass: (milliseconds: number) => (now += milliseconds),
  };
}

const ORIGIN = 'https://mcp.test:8443';

describe('values', () => {
  test('are plain text or a secret in its format, under lower-case names', async () => {
    const { resolve } = setup(
      { 'X-Team': 'blue', Authorization: { secret: 'env://T', format: 'Bearer {}' }, 'x-key': { secret: 'env://T' } },
      { 'env://T': '$& {} $1' },
    );
    const headers = await resolve();
    expect(headers.forOrigin(ORIGIN)).toEqual([
      'x-team',
      'blue',
      'authorization',
      'Bearer $& {} $1',
      'x-key',
      '$& {} $1',
    ]);
  });

  test('an optional secret that cannot be had, whatever the reason, leaves its header out and is told', async () => {
    const { resolve, missing } = setup(
      {
        'X-Key': { secret: 'env://NONE', optional: true },
        'x-other': { secret: 'env://T', optional: true },
        'x-team': 'blue',
      },
      { 'env://T': secretErrors.UNAVAILABLE() },
    );
    expect((await resolve()).forOrigin(ORIGIN)).toEqual(['x-team', 'blue']);
    expect(missing).toEqual([
      [
        { place: 'headers.x-key', reference: 'env://NONE', code: 'SECRET_NOT_FOUND' },
        { place: 'headers.x-other', reference: 'env://T', code: 'SECRET_UNAVAILABLE' },
      ],
    ]);
  });

  test('a required secret that does not exist, and an optional one whose reading fails otherwise, fail', async () => {
    await expect(setup({ 'x-key': { secret: 'env://NONE' } }).resolve()).rejects.toMatchObject({
      code: 'SECRET_NOT_FOUND',
    });
    const broken = { 'env://T': new Error('a bug') };
    await expect(setup({ 'x-key': { secret: 'env://T', optional: true } }, broken).resolve()).rejects.toThrow('a bug');
  });

  test.each(['word\r\nx-evil: 1', 'word\n', 'word\0', 'wörd', ' word', 'word\u2028'])(
    '%j cannot be sent, and the error does not tell it',
    async (value) => {
      for (const headers of [{ 'x-key': value }, { 'x-key': { secret: 'env://T' } }]) {
        // oxlint-disable-next-line no-await-in-loop -- two cases of one
        const thrown = await setup(headers, { 'env://T': value })
          .resolve()
          .catch((error: unknown) => error);
        expect(thrown).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', details: { server: 'remote' } });
        expect(JSON.stringify(thrown)).not.toMatch(/word|wörd/);
      }
    },
  );
});

describe('names', () => {
  test.each([
    'Host',
    'content-length',
    'Content-Type',
    'connection',
    'Transfer-Encoding',
    'TE',
    'upgrade',
    'proxy-authorization',
    'accept-encoding',
    'last-event-id',
    'Mcp-Session-Id',
    'mcp-protocol-version',
    'Mcp-Param-Region',
    'two words',
    'x:y',
    '',
  ])('%j is refused before any secret is read', async (name) => {
    const { resolve, reads } = setup({ [name]: { secret: 'env://T' } }, { 'env://T': 'word' });
    await expect(resolve()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(reads()).toBe(0);
  });

  test('that differ in case only are refused', async () => {
    await expect(setup({ 'X-Key': 'a', 'x-key': 'b' }).resolve()).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    });
  });
});

test.each(['http://mcp.test:8443', 'https://mcp.test', 'https://evil.test:8443', 'https://mcp.test:8443.evil.test'])(
  'nothing is given out for the origin %s',
  async (origin) => {
    const headers = await setup({ 'x-key': { secret: 'env://T' } }, { 'env://T': 'word' }).resolve();
    expect(() => headers.forOrigin(origin)).toThrow('foreign origin');
  },
);

describe('a refresh', () => {
  test('has the secrets read anew, at most once a minute, and tells whether there are others', async () => {
    const { resolve, values, reads, expired, pass } = setup({ 'x-key': { secret: 'env://T' } }, { 'env://T': 'one' });
    const headers = await resolve();
    values['env://T'] = 'two';
    expect(await headers.refresh(headers.version, signal)).toBe(true);
    expect(expired).toEqual(['env://T']);
    expect(headers.forOrigin(ORIGIN)).toEqual(['x-key', 'two']);
    expect(await headers.refresh(headers.version, signal)).toBe(false);
    expect(reads()).toBe(2);
    pass(60_000);
    expect(await headers.refresh(headers.version, signal)).toBe(false);
    expect(reads()).toBe(3);
  });

  test('is one for all whose calls were refused, and none for who was refused with older ones', async () => {
    const { resolve, values, reads } = setup({ 'x-key': { secret: 'env://T' } }, { 'env://T': 'one' });
    const headers = await resolve();
    const { version } = headers;
    values['env://T'] = 'two';
    const refreshes = Array.from({ length: 5 }, () => headers.refresh(version, signal));
    expect(await Promise.all(refreshes)).toEqual([true, true, true, true, true]);
    expect(await headers.refresh(version, signal)).toBe(true);
    expect(reads()).toBe(2);
  });

  test('of one whose caller has gone goes on for the others', async () => {
    const { resolve, values } = setup({ 'x-key': { secret: 'env://T' } }, { 'env://T': 'one' });
    const headers = await resolve();
    const { version } = headers;
    values['env://T'] = 'two';
    const gone = new AbortController();
    const first = headers.refresh(version, gone.signal);
    const second = headers.refresh(version, signal);
    gone.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(await second).toBe(true);
  });
});

test('a renewal takes over what the secrets are now, and leaves the headers as they are when they cannot be read', async () => {
  const { resolve, values, expired } = setup({ 'x-key': { secret: 'env://T' } }, { 'env://T': 'one' });
  const headers = await resolve();
  values['env://T'] = 'two';
  await headers.renew(signal);
  await headers.renew(signal);
  expect(headers.forOrigin(ORIGIN)).toEqual(['x-key', 'two']);
  expect(headers.version).toBe(1);
  values['env://T'] = secretErrors.UNAVAILABLE();
  await expect(headers.renew(signal)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
  values['env://T'] = 'line\nbreak';
  await expect(headers.renew(signal)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  expect(headers.forOrigin(ORIGIN)).toEqual(['x-key', 'two']);
  expect(expired).toEqual([]);
});
