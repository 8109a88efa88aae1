import { defineErrors } from '@hostler/kernel';
import type { Clock, HttpSpec } from '@hostler/kernel';
import { Secret } from '@hostler/secrets';
import { describe, expect, test } from 'vitest';
import { resolveOutboundHeaders } from './outbound-headers.ts';

const secretErrors = defineErrors('SECRET', {
  NOT_FOUND: { http: 503, rpc: -32017, fault: 'operator', retryable: false, message: 'none' },
  UNAVAILABLE: { http: 503, rpc: -32017, fault: 'operator', retryable: true, message: 'not now' },
});

const signal = new AbortController().signal;

function setup(headers: HttpSpec['headers'], values: Record<string, string | Error> = {}) {
  let now = 0;
  let reads = 0;
  const clock: Clock = { now: () => now, after: () => () => {} };
  const secrets = {
    resolve(reference: string) {
      reads++;
      const value = values[reference] ?? secretErrors.NOT_FOUND();
      return typeof value === 'string' ? Promise.resolve(new Secret(value, { reference })) : Promise.reject(value);
    },
  };
  const transport: HttpSpec = { kind: 'http', url: 'https://mcp.test:8443/path?query', headers };
  return {
    resolve: () => resolveOutboundHeaders({ server: 'remote', transport, secrets, clock, signal }),
    values,
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

  test('an optional secret that does not exist leaves its header out', async () => {
    const { resolve } = setup({ 'x-key': { secret: 'env://NONE', optional: true }, 'x-team': 'blue' });
    expect((await resolve()).forOrigin(ORIGIN)).toEqual(['x-team', 'blue']);
  });

  test('a required secret that does not exist, and an optional one that cannot be read, fail', async () => {
    await expect(setup({ 'x-key': { secret: 'env://NONE' } }).resolve()).rejects.toMatchObject({
      code: 'SECRET_NOT_FOUND',
    });
    const down = { 'env://T': secretErrors.UNAVAILABLE() };
    await expect(setup({ 'x-key': { secret: 'env://T', optional: true } }, down).resolve()).rejects.toMatchObject({
      code: 'SECRET_UNAVAILABLE',
    });
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

test('a refresh reads the secrets at most once a minute and tells whether they changed', async () => {
  const { resolve, values, reads, pass } = setup({ 'x-key': { secret: 'env://T' } }, { 'env://T': 'one' });
  const headers = await resolve();
  values['env://T'] = 'two';
  expect(await headers.refresh(signal)).toBe(false);
  expect(reads()).toBe(1);
  pass(60_000);
  expect(await headers.refresh(signal)).toBe(true);
  expect(headers.forOrigin(ORIGIN)).toEqual(['x-key', 'two']);
  expect(await headers.refresh(signal)).toBe(false);
  pass(60_000);
  expect(await headers.refresh(signal)).toBe(false);
  expect(reads()).toBe(3);
});
