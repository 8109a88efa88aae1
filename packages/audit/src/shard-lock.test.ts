import { link } from 'node:fs/promises';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isShardTaken, takeShard } from './shard-lock.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shard-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const lockOf = (shard: number) => join(directory, `audit-${shard}.lock`);
/** As an earlier version wrote it, with the number of a process that cannot be. */
const LEFT = JSON.stringify({ host: hostname(), process: 2 ** 30, started: '1' });

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A lock without a name that is as many milliseconds old. */
function leaveUnnamed(path: string, age: number): void {
  writeFileSync(path, '');
  const time = (Date.now() - age) / 1_000;
  utimesSync(path, time, time);
}

const noLinks: typeof link = () => Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));

it('names its owner from the moment it is there', async () => {
  const seen = new Set<string | undefined>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      seen.add(textOf(lockOf(0)));
      await turn();
    }
  })();
  for (let round = 0; round < 50; round += 1) await (await takeShard(directory))?.release();
  isOver = true;
  await watching;
  expect(seen.size).toBeGreaterThan(1);
  expect(seen).not.toContain('');
  expect(readdirSync(directory)).toEqual([]);
});

it('is taken by one only, when many find one after the other that it was left', async () => {
  for (let round = 0; round < 10; round += 1) {
    writeFileSync(lockOf(0), LEFT);
    const locks = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        for (let waited = 0; waited < index; waited += 1) await turn();
        return takeShard(directory);
      }),
    );
    expect(new Set(locks.map((lock) => lock?.shard)).size).toBe(8);
    await Promise.all(locks.map(async (lock) => lock?.release()));
    rmSync(lockOf(0), { force: true });
    expect(readdirSync(directory)).toEqual([]);
  }
});

it('stays with who cleared it, when another one has found before that it was left', async () => {
  const lock = await takeShard(directory);
  const faster = textOf(lockOf(0)) ?? '';
  await lock?.release();
  writeFileSync(lockOf(0), LEFT);
  const slow = await takeShard(directory, async (from, to) => {
    if (to === `${lockOf(0)}.clear`) writeFileSync(lockOf(0), faster);
    await link(from, to);
  });
  expect(slow?.shard).toBe(1);
  expect(textOf(lockOf(0))).toBe(faster);
});

it('stays with who has it, when that one has deleted what another wrote aside', async () => {
  writeFileSync(lockOf(0), LEFT);
  let faster: Awaited<ReturnType<typeof takeShard>>;
  const slow = await takeShard(directory, async (from, to) => {
    if (to === `${lockOf(0)}.clear`) faster = await takeShard(directory);
    await link(from, to);
  });
  expect([faster?.shard, slow?.shard]).toEqual([0, 1]);
  await faster?.release();
  await slow?.release();
  expect(readdirSync(directory)).toEqual([]);
});

it('is not cleared by two: the second goes on to the next chain', async () => {
  writeFileSync(lockOf(0), LEFT);
  let second: Awaited<ReturnType<typeof takeShard>>;
  const first = await takeShard(directory, async (from, to) => {
    await link(from, to);
    if (to === `${lockOf(0)}.clear`) second = await takeShard(directory);
  });
  expect([first?.shard, second?.shard]).toEqual([0, 1]);
});

it('is cleared although a process ended while it did so', async () => {
  for (const left of ['', '.clear', '.clear.clear']) writeFileSync(`${lockOf(0)}${left}`, LEFT);
  writeFileSync(`${lockOf(0)}.0.new`, LEFT);
  const lock = await takeShard(directory);
  expect(lock?.shard).toBe(0);
  expect(readdirSync(directory)).toEqual(['audit-0.lock']);
});

it('is not taken away by one who had it before', async () => {
  const before = await takeShard(directory);
  rmSync(lockOf(0));
  const now = await takeShard(directory);
  await before?.release();
  expect(await isShardTaken(directory, 0)).toBe(true);
  await now?.release();
  expect(readdirSync(directory)).toEqual([]);
});

it('was left when it names nobody for two seconds', async () => {
  leaveUnnamed(lockOf(0), 500);
  leaveUnnamed(lockOf(1), 5_000);
  expect(await Promise.all([isShardTaken(directory, 0), isShardTaken(directory, 1)])).toEqual([true, false]);
  expect((await takeShard(directory))?.shard).toBe(1);
});

it('is taken by one only on a disk without hard links', async () => {
  writeFileSync(lockOf(0), LEFT);
  const locks = await Promise.all([0, 1, 2].map(() => takeShard(directory, noLinks)));
  expect(new Set(locks.map((lock) => lock?.shard))).toEqual(new Set([0, 1, 2]));
  expect(await isShardTaken(directory, 0)).toBe(true);
  await Promise.all(locks.map(async (lock) => lock?.release()));
  expect(readdirSync(directory)).toEqual([]);
});
