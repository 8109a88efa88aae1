import { describe, expect, it } from 'vitest';
import { startClouds } from './support/clouds.ts';
import type { Backend, Clouds } from './support/clouds.ts';
import { httpServer, NOWHERE, sha256, stdioServer, withSecrets } from './support/secrets-rig.ts';
import type { Use } from './support/secrets-rig.ts';

const LARGEST = 64 * 1024;

/** A value that the host refuses, and how. */
interface BadValue {
  readonly name: string;
  readonly value: (canary: string) => string | Uint8Array;
  /** Appended to the reference. */
  readonly key?: string;
  readonly says: string;
}

const badValues: readonly BadValue[] = [
  {
    name: 'invalid-utf8',
    value: (canary) => Buffer.concat([Buffer.from(canary), Buffer.from([0xc3, 0x28])]),
    says: 'is not UTF-8 text',
  },
  { name: 'empty', value: () => '', says: 'is empty' },
  { name: 'blank', value: () => ' \n\t\n', says: 'is empty' },
  { name: 'nul', value: (canary) => `${canary}\0${canary}`, says: 'holds a NUL character' },
  { name: 'too-large', value: (canary) => canary.padEnd(LARGEST + 1, 'x'), says: 'is larger than 64 KiB' },
  {
    name: 'half-written',
    value: (canary) => `{"token":"${canary}","other":"${canary}`,
    key: 'token',
    says: 'is not a JSON object',
  },
  // A file that does not begin with a brace would be one of variables.
  { name: 'no-object', value: (canary) => `{["${canary}"]}`, key: '0', says: 'is not a JSON object' },
];

const pem = (canary: string): string => `-----BEGIN KEY-----\n${canary}\r\n  ${canary}\n\n-----END KEY-----\n`;

describe.each(['file', 'gcp', 'aws'] as const)('F22 values from %s', (backend) => {
  it('that cannot be used block with their reason; others are not touched', async () => {
    await using clouds = await startClouds();
    const bad = await Promise.all(badValues.map((one) => arrangeBad(clouds, backend, one)));
    const entries = bad.map(({ name, use }) => [name, httpServer(NOWHERE, name, { authorization: use })] as const);
    const optional = bad.map(({ use }, index) => [`V${index}`, { ...use, optional: true }] as const);
    const servers = { ...Object.fromEntries(entries), without: stdioServer(Object.fromEntries(optional)) };
    await withSecrets({ clouds, servers, steady: false }, async ({ callModern, digestIn, until }) => {
      for (const { name, use, says } of bad) {
        const state = await until(name, 'blocked');
        expect(state).toMatchObject({ problemCode: 'SECRET_VALUE_INVALID' });
        expect(state.problem).toContain(`The value of secret ${use.secret} ${says}`);
        const { error } = await callModern(name, 'ok');
        expect(error).toMatchObject({ code: -32_017, data: { code: 'SECRET_VALUE_INVALID', mayHaveRun: false } });
      }
      // A value that is wrong is no outage: it is read once.
      const reads = backend === 'file' ? [1] : bad.map(({ use }) => clouds.reads(use.secret));
      expect(new Set(reads)).toEqual(new Set([1]));
      const { missing = [] } = await until('without', 'up');
      expect(missing.map(({ code }) => code)).toEqual(bad.map(() => 'SECRET_VALUE_INVALID'));
      for (const [variable] of optional) expect(await digestIn('without', variable)).toBeUndefined();
    });
  });

  it('of several lines, of the largest size and with letters of all kinds arrive unchanged', async () => {
    await using clouds = await startClouds();
    const values = {
      LINES: clouds.canary(pem),
      LARGEST: clouds.canary((canary) => canary.padEnd(LARGEST, 'x')),
      LETTERS: clouds.canary((canary) => `  ${canary} $& {} 'ü' "😀" \u{feff}\u2028\u001b[31m `),
      // In a file it is the editor's.
      ...(backend !== 'file' && { MARKED: clouds.canary((canary) => `\u{feff}${canary}`) }),
    };
    const env: Record<string, Use> = {};
    for (const [name, value] of Object.entries(values)) {
      // Editors end a file with a line break, which is no part of the value.
      const written = backend === 'file' && name !== 'LARGEST' ? `${value}\n` : value;
      env[name] = { secret: await clouds.set(backend, name.toLowerCase(), written) };
    }
    if (backend === 'aws') {
      // The same as bytes, the other form that it stores.
      for (const [name, value] of Object.entries(values)) {
        env[`${name}_BYTES`] = { secret: await clouds.set(backend, `${name}-bytes`, Buffer.from(value)) };
      }
    }
    const servers = { child: stdioServer(env) };
    await withSecrets({ clouds, servers }, async ({ digestIn, until }) => {
      await until('child', 'up');
      const digests: Record<string, unknown> = {};
      for (const name of Object.keys(env)) digests[name] = await digestIn('child', name);
      const valueOf = (name: string): string => new Map(Object.entries(values)).get(name.replace('_BYTES', '')) ?? '';
      const expected = Object.keys(env).map((name) => [name, sha256(valueOf(name))]);
      expect(digests).toEqual(Object.fromEntries(expected));
    });
  });
});

async function arrangeBad(clouds: Clouds, backend: Backend, { name, value, key, says }: BadValue) {
  const reference = await clouds.set(backend, name, value(clouds.canary()));
  return { name, says, use: { secret: key === undefined ? reference : `${reference}#${key}` } };
}
