import { FOREIGN } from './exact-host.ts';

const PIECES = [
  'a',
  'text',
  'hidden',
  '\\u0061',
  '\\"',
  '\\\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  'é',
  '🦊',
  '\\ud800',
  ' ',
];
const KEYS = ['text', 'te\\u0078t', 'hidden', 'fixed', 'level', 'a', '', '__proto__', '\\ud83e\\udd8a'];
const LITERALS = ['null', 'true', '0', '-0', '1e5', '1E400', '1.50', '12345678901234567890', '-2.5e-7'];

/** Numbers of which the same seed makes the same, so that what is red can be repeated. */
export type Random = (below: number) => number;

/** Source: mulberry32, of the public domain. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** The text of an object, valid JSON or nearly, in which members may stand twice and a secret anywhere. */
export function randomArguments(random: Random): string {
  const text = objectText(random, 3);
  // Now and then a character is another one.
  if (random(6) > 0) return text;
  const at = random(text.length);
  return `${text.slice(0, at)}${pick(random, ['"', '{', ']', '\\', '1', ''])}${text.slice(at + 1)}`;
}

function objectText(random: Random, depth: number): string {
  const gap = (): string => pick(random, ['', '', ' ', '\n', '\t']);
  const members = Array.from(
    { length: random(5) },
    () => `${gap()}"${pick(random, KEYS)}"${gap()}:${gap()}${valueText(random, depth)}${gap()}`,
  );
  return `{${members.join(',')}}`;
}

function valueText(random: Random, depth: number): string {
  const kind = random(depth === 0 ? 4 : 7);
  if (kind < 2) return pick(random, LITERALS);
  if (kind < 4) return `"${randomText(random)}"`;
  if (kind < 6) return objectText(random, depth - 1);
  return `[${Array.from({ length: random(4) }, () => valueText(random, depth - 1)).join(',')}]`;
}

function randomText(random: Random): string {
  if (random(12) === 0) return Array.from(FOREIGN, (one) => (random(4) === 0 ? escaped(one) : one)).join('');
  return Array.from({ length: random(6) }, () => pick(random, PIECES)).join('');
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function pick(random: Random, choices: readonly string[]): string {
  return choices[random(choices.length)] as string;
}
