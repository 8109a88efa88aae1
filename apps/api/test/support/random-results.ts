import { createRandom } from './random.ts';
import type { Random } from './random.ts';

export type Era = 'legacy' | 'modern';

/** What one call is answered with: the same for the same. */
export interface Order {
  readonly seed: number;
  /** Of its texts, about. */
  readonly bytes: number;
  /** Bytes of its pieces, each of which is read by itself; by default they are of random sizes. */
  readonly apart?: number;
}

interface Words {
  /** Stands in some texts. */
  readonly secret: string;
  readonly uri: (raw: string) => string;
}

const SECRET_EVERY = 6;
const MOST_HELD = 60_000;

/**
 * The result of a tool, with other texts than others. Its parts are written as a screen writes what it masks, so that
 * what is expected is known byte for byte.
 */
export function randomContent({ seed, bytes }: Order, words: Words): readonly object[] {
  const random = createRandom(seed);
  const content: object[] = [];
  for (let rest = bytes; rest > 0;) {
    const size = Math.min(rest, 1 + random.below(random.pick([2_000, 20_000, 200_000, 900_000])));
    rest -= size;
    content.push(block(random, size, words));
  }
  return content;
}

export function resultOf(era: Era, content: readonly object[]): string {
  return JSON.stringify({ ...(era === 'modern' && { resultType: 'complete' }), content, isError: false });
}

function block(random: Random, size: number, { secret, uri }: Words): object {
  const plain = randomText(random, size);
  const text = random.below(SECRET_EVERY) === 0 ? `${plain} ${secret} ${plain.slice(0, 100)}` : plain;
  const raw = `file:///${randomText(random, 12)}`;
  // What follows a URI is held until the type shows: mostly there is nothing that is held.
  const kind = random.below(size < MOST_HELD ? 6 : 3);
  if (kind === 1) return { type: 'resource_link', uri: uri(raw), name: text };
  if (kind === 2) return { type: 'resource', resource: { uri: uri(raw), text } };
  if (kind === 3) return { uri: uri(raw), name: text, type: 'resource_link' };
  if (kind === 4) return { uri: raw, text, type: 'text' };
  if (kind === 5) return { resource: { uri: uri(raw), text }, type: 'resource' };
  return { type: 'text', text };
}

/** A part of one random text, from anywhere in it. */
function randomText(random: Random, size: number): string {
  pool ??= randomPool();
  const from = random.below(POOL - size);
  return pool.slice(from, from + size);
}

let pool: string | undefined;

function randomPool(): string {
  const random = createRandom(1);
  const numbers = Uint32Array.from({ length: (POOL * 3) / 16 }, () => random.below(2 ** 32));
  const letters = Buffer.from(numbers.buffer).toString('base64');
  // Characters of several bytes, and such as are escaped, lie over the borders of pieces as well.
  return letters.replaceAll(/[ABCD]/g, (letter) => RARE[letter] as string);
}

const POOL = 2 * 1024 * 1024;
const RARE: Readonly<Record<string, string>> = { A: 'ü', B: '\n', C: '"', D: '€' };
