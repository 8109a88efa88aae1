import { describe, expect, it } from 'vitest';
import { createRedactor } from './redactor.ts';
import type { Redactor } from './redactor.ts';

/** Secrets × encodings × cuts (Z-7); a failure prints the seed. */
const SEED = 20_260_728;
const SECRETS = 500;
const CASES_PER_SECRET = 48;

type Random = (below: number) => number;
/** How a program may print a value, with what stands around it. */
type Encode = (value: string, random: Random) => string;

const ALPHABETS = [
  'abcdefghijklmnopqrstuvwxyz',
  '0123456789',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  'ABCDEFabcdef0123456789+/=',
  'aZ9"\\/\'<>&%#?+ =;:{}()*!~|^`',
  'aé😀ß漢\u0301\u2028\u00ff',
  'ab\n\r\tc\u0001\u007f',
].map((alphabet) => Array.from(alphabet));

const base64At = (value: string, before: number, after: number): string =>
  Buffer.concat([Buffer.alloc(before, '>'), Buffer.from(value), Buffer.alloc(after, '?')]).toString('base64');
const json = (value: string): string => JSON.stringify(value).slice(1, -1);
const toUrl = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_');
const escapeAscii = (text: string): string =>
  text.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const ENCODINGS: Readonly<Record<string, Encode>> = {
  raw: (value) => value,
  json,
  'ascii json': (value) => escapeAscii(json(value)),
  'json in json': (value) => json(json(value)),
  'base64 at 0': (value, random) => base64At(value, 3 * random(4), random(4)),
  'base64 at 1': (value, random) => base64At(value, 1 + 3 * random(4), random(4)),
  'base64 at 2': (value, random) => base64At(value, 2 + 3 * random(4), random(4)),
  base64url: (value, random) => toUrl(base64At(value, random(6), random(4))).replace(/=+$/, ''),
  hex: (value) => Buffer.from(value).toString('hex'),
  'upper hex': (value) => Buffer.from(value).toString('hex').toUpperCase(),
  url: (value) => encodeURIComponent(value),
  form: (value) => new URLSearchParams([['', value]]).toString().slice(1),
};

describe('any secret, in any encoding, cut anywhere', () => {
  it(`is masked (seed ${SEED})`, () => {
    const random = generator(SEED);
    const encodings = Object.entries(ENCODINGS);
    let cases = 0;
    for (let number = 0; number < SECRETS; number += 1) {
      const value = secret(random);
      const redactor = createRedactor();
      redactor.add(value, 'env://A');
      for (let turn = 0; turn < CASES_PER_SECRET; turn += 1) {
        const [name, encode] = encodings[turn % encodings.length] as [string, Encode];
        const text = `${noise(random)}|${encode(value, random)}|${noise(random)}`;
        const problem = problemOf(redactor, { value, text }, random);
        if (problem !== undefined)
          throw new Error(`${problem}: ${name} of ${JSON.stringify(value)} in ${JSON.stringify(text)}, seed ${SEED}`);
        cases += 1;
      }
    }
    expect(cases).toBeGreaterThanOrEqual(20_000);
  });

  it('leaves text alone that holds none, and never throws', () => {
    const random = generator(SEED + 1);
    const redactor = createRedactor();
    for (let number = 0; number < 50; number += 1) redactor.add(`zq${secret(random)}`, `env://${number}`);
    for (let number = 0; number < 2_000; number += 1) {
      const text = Array.from({ length: random(20) }, () => noise(random)).join('\ud800');
      expect(redactor.redact(text)).toBe(text);
      expect(redactor.redactCut(text) + text.slice(redactor.redactCut(text).length)).toBe(text);
      expect(redactor.namesIn(Buffer.from(text))).toBeUndefined();
    }
  });
});

interface Case {
  readonly value: string;
  readonly text: string;
}

function problemOf(redactor: Redactor, { value, text }: Case, random: Random): string | undefined {
  const masked = redactor.redact(text);
  if (!masked.includes('[secret]')) return 'not masked';
  if (masked.includes(value)) return 'still there';
  if (redactor.redact(masked) !== masked) return 'not idempotent';
  if (redactor.namesIn(masked) !== undefined) return 'named after masking';
  if (redactor.namesIn(text)?.has('env://A') !== true) return 'not named';
  if (redactor.namesIn(Buffer.from(text))?.has('env://A') !== true) return 'not named in bytes';
  if (Buffer.from(redactor.redactBytes(Buffer.from(text))).includes(value)) return 'still there in bytes';
  if (through(redactor, text, random) !== masked) return 'another text in chunks';
  const cut = redactor.redactCut(text.slice(0, random(text.length + 1)));
  return cut.includes(value) ? 'still there when cut' : undefined;
}

function through(redactor: Redactor, text: string, random: Random): string {
  const stream = redactor.stream();
  const most = 1 + random(text.length);
  let written = '';
  for (let at = 0; at < text.length;) {
    const end = at + 1 + random(most);
    written += stream.push(text.slice(at, end));
    at = end;
  }
  return written + stream.end();
}

function secret(random: Random): string {
  const alphabet = ALPHABETS[random(ALPHABETS.length)] ?? [];
  for (;;) {
    const text = Array.from({ length: 8 + random(40) }, () => alphabet[random(alphabet.length)]).join('');
    // White space at its ends is no part of what is looked for.
    if (text.trim() === text && text.length >= 8) return text;
  }
}

/** Text around a value, of characters that are in no mask and in no value's forms by chance. */
function noise(random: Random): string {
  return ['', ' ', 'GHI ', '\n', 'xyz, ', '<éü> ', '{"x":'][random(7)] ?? '';
}

/** Park and Miller's minimal standard generator: the same numbers on every run. */
function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
