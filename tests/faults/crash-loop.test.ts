import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { chaosSpec } from './support/chaos-spec.ts';
import { withRig } from './support/rig.ts';

/** One minute in ten seconds: time to look at what is so between two attempts. */
const HASTE = 6;

it('F5 a crash loop: after 5 crashes it is left alone, calls fail at once, a single probe brings it back', async () => {
  await using directory = await temporaryDirectory();
  const [broken, record] = [join(directory.path, 'broken'), join(directory.path, 'starts')];
  await writeFile(broken, '');
  const starts = async (): Promise<number> => (await readFile(record, 'utf8')).trim().split('\n').length;
  const spec = chaosSpec('looping', [`--exit-while=${broken}`, `--record-start=${record}`], 60_000 * HASTE);
  const specs = [{ ...spec, startTimeout: 15_000 * HASTE, required: true }];
  await withRig({ specs, haste: HASTE, steady: false }, async ({ callModern, until, served }) => {
    const pauses = (): number[] => served.log().split('\n').flatMap(pauseOf);
    await expect.poll(() => pauses().length, { timeout: 30_000, interval: 10 }).toBe(5);
    expect(Math.max(...pauses().slice(0, 4))).toBeLessThanOrEqual(8_000);
    expect(pauses()[4]).toBeGreaterThanOrEqual(30_000);
    const { error, own } = await callModern('looping', 'ok');
    expect(error).toMatchObject({ code: -32_010, data: { code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: false } });
    expect(own).toBeLessThan(200);
    const before = await starts();
    await rm(broken);
    await until('looping', 'up');
    expect((await starts()) - before).toBe(1);
    expect(pauses()).toHaveLength(5);
    expect((await callModern('looping', 'ok')).text).toBe('ok');
  });
});

/** Milliseconds until the next attempt, as the log of the host tells after each. */
function pauseOf(line: string): readonly number[] {
  if (!line.includes('"server":"looping"') || !line.includes('"retryIn"')) return [];
  return [(JSON.parse(line) as { retryIn: number }).retryIn];
}
