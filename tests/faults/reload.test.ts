import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alive, callModern, chaosServer, temporaryDirectory } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { readPlan } from '../serve.ts';
import { listedTools } from './support/listed-tools.ts';
import { withRig } from './support/rig.ts';

const GRACE = 1_000;

/** A configuration file with chaos servers; each is started with its own parameters. */
function configOf(servers: Readonly<Record<string, readonly string[]>>): string {
  const entries = Object.entries(servers).map(([name, parameters]) => [
    name,
    { ...chaosServer(...parameters), cwd: process.cwd() },
  ]);
  return JSON.stringify({
    servers: Object.fromEntries(entries) as object,
    shutdown: { grace: `${GRACE}ms` },
    log: { level: 'debug' },
  });
}

const statusOf = async (url: string): Promise<number> =>
  (await callModern(url, 'tools/call', { name: 'ok', arguments: {} })).status;

describe('a plan that is applied while calls run', () => {
  it('F42 a server that goes: its calls have the grace to finish, then -32010; it is not found any more', async () => {
    const config = configOf({ going: [], staying: [] });
    await withRig({ config, steady: false }, async ({ call, late, served }) => {
      const { structured } = await call('going', 'stats');
      const finishing = call('going', 'slow', { ms: 400 });
      const hanging = call('going', 'hang');
      const staying = call('staying', 'slow', { ms: GRACE + 500 });
      await expect
        .poll(async () => (await call('going', 'stats')).structured?.['tools'], { timeout: 10_000 })
        .toMatchObject({ slow: 1, hang: 1 });
      const next = await readPlan(configOf({ staying: [] }));
      const [begun, before] = [performance.now(), late()];
      const report = await served.runtime.apply(next);
      expect(report).toMatchObject({ removed: ['going'], unchanged: ['staying', 'control'] });
      expect(await statusOf(`${served.url}/servers/going/mcp`)).toBe(404);
      expect(await finishing).toMatchObject({ text: 'slow' });
      const { error } = await hanging;
      const waited = performance.now() - begun;
      expect(error).toMatchObject({ code: -32_010, data: { code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: true } });
      expect(waited).toBeGreaterThanOrEqual(GRACE - 100);
      expect(waited - (late() - before)).toBeLessThan(GRACE + 500);
      expect(await staying).toMatchObject({ text: 'slow' });
      await expect.poll(() => alive(Number(structured?.['pid'])), { timeout: 10_000 }).toBe(false);
    });
  });

  it('F43 two plans at once: one after the other, the last one wins whole, and nothing of the first is left', async () => {
    await using directory = await temporaryDirectory();
    const record = join(directory.path, 'starts');
    const [first, second] = await Promise.all([
      readPlan(
        configOf({ kept: [], changed: ['--tools=1', `--record-start=${record}`], first: [`--record-start=${record}`] }),
      ),
      readPlan(
        configOf({
          kept: [],
          changed: ['--tools=2', `--record-start=${record}`],
          second: [`--record-start=${record}`],
        }),
      ),
    ]);
    await withRig({ config: configOf({ kept: [], changed: [] }), steady: false }, async ({ call, served, until }) => {
      const { structured: before } = await call('kept', 'stats');
      const kept = call('kept', 'slow', { ms: 1_500 });
      const reports = await Promise.all([served.runtime.apply(first), served.runtime.apply(second)]);
      const generations = reports.map(({ generation }) => generation);
      expect(generations[1]).toBe((generations[0] ?? 0) + 1);
      expect(served.runtime.plan.servers.map(({ name }) => name)).toEqual(['kept', 'changed', 'second']);
      const names = served.runtime.readiness().servers.map(({ name }) => name);
      expect(names.filter((name) => name !== 'control')).toEqual(['kept', 'changed', 'second']);
      await Promise.all([until('changed', 'up'), until('second', 'up')]);
      expect(await listedTools(`${served.url}/servers/changed/mcp`)).toContain('tool-0002');
      expect(await statusOf(`${served.url}/servers/first/mcp`)).toBe(404);
      expect(await kept).toMatchObject({ text: 'slow' });
      expect((await call('kept', 'stats')).structured?.['pid']).toBe(before?.['pid']);
      const started = async (): Promise<number[]> => (await readFile(record, 'utf8')).trim().split('\n').map(Number);
      await expect.poll(async () => (await started()).filter(alive), { timeout: 10_000 }).toHaveLength(2);
    });
  });
});
