import type { Json } from '@hostler/kernel';

/** A generator of the same numbers for the same seed, so that a red run can be repeated. */
export interface Random {
  /** An integer from 0 to `bound` - 1. */
  below(bound: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** One word of state, mixed by multiplication and shifts. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
  return {
    below: (bound) => next() % bound,
    pick: (choices) => choices[next() % choices.length] as never,
  };
}

const PIECES = [
  'a',
  'key',
  '"',
  '\\',
  '\\\\',
  '\\"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\u0000',
  'é',
  '日本',
  '🦊',
  ' ',
  '\u2028',
];

/** Text full of what trips scanners; now and then longer than the 48 bytes in which the scanner changes its method. */
export function randomText(random: Random): string {
  const count = random.pick([0, 1, 2, 3, 6, 50]);
  return Array.from({ length: count }, () => random.pick(PIECES)).join('');
}

export function randomJson(random: Random, depth = 4): Json {
  const kind = random.below(depth === 0 ? 5 : 8);
  if (kind === 0) return null;
  if (kind === 1) return random.below(2) === 0;
  if (kind === 2) return random.pick([0, -1, 1.5, 1e300, -2.5e-7, 9007199254740991, random.below(1_000_000)]);
  if (kind <= 4) return randomText(random);
  if (kind === 5) return Array.from({ length: random.below(5) }, () => randomJson(random, depth - 1));
  return randomObject(random, depth - 1);
}

export function randomObject(random: Random, depth = 4): Record<string, Json> {
  return Object.fromEntries(
    Array.from({ length: random.below(6) }, (_, index) => [`${randomText(random)}${index}`, randomJson(random, depth)]),
  );
}

/** JSON text with white space wherever it may stand, and characters escaped at random. */
export function writeLoosely(value: Json, random: Random): string {
  const gap = () => random.pick(['', '', '', ' ', '\n', '\r\n', '\t  ']);
  const around = (text: string) => `${gap()}${text}${gap()}`;
  if (typeof value === 'string') return writeText(value, random);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return `[${gap()}]`;
    return `[${value.map((item: Json) => around(writeLoosely(item, random))).join(',')}]`;
  }
  const members = Object.entries(value).map(
    ([key, item]) => `${around(writeText(key, random))}:${around(writeLoosely(item ?? null, random))}`,
  );
  return members.length === 0 ? `{${gap()}}` : `{${members.join(',')}}`;
}

function writeText(text: string, random: Random): string {
  const characters = Array.from(text, (character) => {
    if (random.below(8) > 0) return JSON.stringify(character).slice(1, -1);
    return character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
  });
  return `"${characters.join('')}"`;
}
