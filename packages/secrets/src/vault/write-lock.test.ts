import { link } from 'node:fs/promises';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from './write-lock.ts';

let directory = '';
let path = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'write-lock-'));
  path = join(directory, 'secrets.vault.lock');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** As an earlier version wrote it, with the number of a process that cannot be. */
const LEFT = JSON.stringify({ host: hostname(), process: 2 ** 22 + 1 });
const BUSY = { code: 'SECRET_VAULT_BUSY' };

const nothing = async () => undefined;
const noLinks: typeof link = () => Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Of so many that want it at the same time, how many have it; they keep it until each has it or was told that it is busy. */
async function countHolders(count: number, linkFile?: typeof link): Promise<number> {
  const allKnow = Promise.withResolvers<void>();
  let holders = 0;
  let refused = 0;
  const know = () => {
    if (holders + refused === count) allKnow.resolve();
  };
  const work = async () => {
    holders += 1;
    know();
    await allKnow.promise;
  };
  const refuse = (error: unknown) => {
    expect(error).toMatchObject(BUSY);
    refused += 1;
    know();
  };
  await Promise.all(Array.from({ length: count }, () => withLock(path, work, linkFile).catch(refuse)));
  return holders;
}

it('names its owner from the moment it is there', async () => {
  const seen = new Set<string | undefined>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      seen.add(textOf(path));
      await turn();
    }
  })();
  for (let round = 0; round < 50; round += 1) await withLock(path, nothing);
  isOver = true;
  await watching;
  expect(seen.size).toBeGreaterThan(1);
  expect(seen).not.toContain('');
  expect(readdirSync(directory)).toEqual([]);
});

it('is taken by one only, when many find at once that it was left', async () => {
  for (let round = 0; round < 20; round += 1) {
    writeFileSync(path, LEFT);
    expect(await countHolders(12)).toBe(1);
    expect(readdirSync(directory)).toEqual([]);
  }
});

it('stays with who cleared it, when another one has found before that it was left', async () => {
  writeFileSync(path, LEFT);
  const faster = JSON.stringify({ host: hostname(), process: process.pid });
  const slow = withLock(path, nothing, async (from, to) => {
    if (to === `${path}.clear`) writeFileSync(path, faster);
    await link(from, to);
  });
  await expect(slow).rejects.toMatchObject(BUSY);
  expect(readFileSync(path, 'utf8')).toBe(faster);
  expect(readdirSync(directory)).toEqual(['secrets.vault.lock']);
});

it('stays with who has it, when that one has deleted what another wrote aside', async () => {
  writeFileSync(path, LEFT);
  const isDone = Promise.withResolvers<void>();
  let faster: Promise<void> | undefined;
  const slow = withLock(path, nothing, async (from, to) => {
    if (to === `${path}.clear`) {
      await new Promise<void>((begun) => {
        faster = withLock(path, () => {
          begun();
          return isDone.promise;
        });
      });
    }
    await link(from, to);
  });
  await expect(slow).rejects.toMatchObject(BUSY);
  isDone.resolve();
  await faster;
  expect(readdirSync(directory)).toEqual([]);
});

it('is not cleared by two', async () => {
  writeFileSync(path, LEFT);
  let second: unknown;
  await withLock(path, nothing, async (from, to) => {
    await link(from, to);
    if (to === `${path}.clear`) second = await withLock(path, nothing).catch((error: unknown) => error);
  });
  expect(second).toMatchObject(BUSY);
});

it('is cleared although a process ended while it did so', async () => {
  for (const left of ['', '.clear', '.clear.clear']) writeFileSync(`${path}${left}`, LEFT);
  writeFileSync(`${path}.0.new`, LEFT);
  await withLock(path, async () => expect(readdirSync(directory)).toEqual(['secrets.vault.lock']));
  expect(readdirSync(directory)).toEqual([]);
});

it('is not taken away by one who had it before', async () => {
  let now: Promise<void> | undefined;
  const isDone = Promise.withResolvers<void>();
  await withLock(path, async () => {
    rmSync(path);
    await new Promise<void>((begun) => {
      now = withLock(path, () => {
        begun();
        return isDone.promise;
      });
    });
  });
  await expect(withLock(path, nothing)).rejects.toMatchObject(BUSY);
  isDone.resolve();
  await now;
  expect(readdirSync(directory)).toEqual([]);
});

it('is taken by one only on a disk without hard links', async () => {
  expect(await countHolders(5, noLinks)).toBe(1);
  writeFileSync(path, LEFT);
  expect(await countHolders(5, noLinks)).toBe(1);
  expect(readdirSync(directory)).toEqual([]);
});
