import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createVault } from '@hostler/secrets/vault';
import { afterAll, expect, it } from 'vitest';

const script = fileURLToPath(new URL('vault-writer.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'vault-writers-'));
afterAll(() => rmSync(directory, { recursive: true }));
const key = `hex:${randomBytes(32).toString('hex')}`;

function startWriter(file: string, prefix: string, count: string) {
  const options = ['--conditions=@hostler/source', script, file, key, prefix, count];
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, lines: createInterface({ input: child.stdout }), ended: once(child, 'close') };
}

it('loses nothing when several processes write at once', async () => {
  const file = join(directory, 'shared.vault');
  const codes = await Promise.all(
    ['a', 'b', 'c'].map(async (prefix) => (await startWriter(file, prefix, '12').ended)[0]),
  );
  expect(codes).toEqual([0, 0, 0]);
  const vault = createVault({ file, keys: [key] });
  const records = await vault.list();
  expect(records).toHaveLength(36);
  expect(records.every(({ version }) => version === 1)).toBe(true);
  expect((await vault.get('b7')).reveal()).toBe('value of b7');
  expect(readdirSync(directory).filter((name) => name.startsWith('shared'))).toEqual(['shared.vault']);
});

it('is whole, and can be changed, after a writer was killed', async () => {
  const file = join(directory, 'killed.vault');
  const vault = createVault({ file, keys: [key] });
  let confirmed = 0;
  for (let round = 0; round < 8; round += 1) {
    const { child, lines, ended } = startWriter(file, 'x', 'endless');
    for await (const line of lines) {
      confirmed = Number(line.split(' ')[1]);
      if (confirmed % 3 === round % 3) child.kill('SIGKILL');
    }
    await ended;
    const [record] = await vault.list();
    // What it confirmed is there; the last value may have been written without a word.
    expect(record?.version).toBeGreaterThanOrEqual(confirmed);
    expect((await vault.get('x0')).reveal()).toBe('value of x0');
  }
  // At once, wherever the writer was: its lock names it from the moment it is there.
  await vault.set('y', 'value of y');
  expect(readdirSync(directory).filter((name) => name.startsWith('killed'))).toEqual(['killed.vault']);
});
