import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { searchAudit, verifyAudit } from '../src/index.ts';
import { openTestAudit, withFolder } from './support/open-test-audit.ts';

const script = fileURLToPath(new URL('write-records.ts', import.meta.url));

function writer(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--conditions=@hostler/source', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, ended: once(child, 'exit') };
}

describe('processes', () => {
  it('that write at the same time have a chain each, and each is whole', () =>
    withFolder(async (directory) => {
      const ends = await Promise.all(['a', 'b', 'c'].map((name) => writer(directory, name, '200').ended));
      expect(ends.map(([code]) => code as unknown)).toEqual([0, 0, 0]);
      const report = await verifyAudit(directory);
      expect(report.problems).toEqual([]);
      let outcomes = 0;
      for await (const { record } of searchAudit(directory, { kind: 'call' }))
        outcomes += Number(record.phase === 'outcome');
      expect(outcomes).toBe(600);
      // No lock is left, and the next run goes on with the first chain.
      expect((await readdir(directory)).filter((name) => name.endsWith('.lock'))).toEqual([]);
    }));

  it('can be exported into one file, where nothing can be taken out between the chains', () =>
    withFolder(async (directory) => {
      // Open for as long as the other one writes: so each has a chain.
      const { audit } = await openTestAudit({ directory, segments: { bytes: 1_500, age: 3_600_000 } });
      for (let index = 0; index < 40; index += 1) audit.note('start');
      await writer(directory, 'b', '10').ended;
      await audit.close();
      const lines: string[] = [];
      for await (const { line } of searchAudit(directory, {})) lines.push(line);
      const file = join(directory, 'exported.jsonl');
      const verify = async (kept: readonly string[]) => {
        await writeFile(file, `${kept.join('\n')}\n`);
        return verifyAudit(file);
      };
      expect(await verify(lines)).toMatchObject({ isIntact: true, chains: [{ shard: 0 }, { shard: 1 }] });
      const starts = lines.flatMap((line, index) => (line.includes('"kind":"segment"') ? [index] : []));
      const second = starts.at(-1) ?? 0;
      expect((await verify(lines.toSpliced(second + 3, 1))).problems).toMatchObject([{ problem: 'missing', seq: 4 }]);
      // A genuine beginning of the other chain in the place of a segment hides nothing.
      const [, from = 0, to = 0] = starts;
      expect(to).toBeLessThan(second);
      const hiding = lines.toSpliced(from, to - from, lines[second] ?? '');
      expect((await verify(hiding)).problems.map(({ problem }) => problem)).toContain('missing');
    }));

  it('that are killed leave calls whose end is unknown, named by verify, and the next one goes on', () =>
    withFolder(async (directory) => {
      const { child, ended } = writer(directory, 'killed', 'endless');
      let sent = '';
      const enough = Promise.withResolvers<void>();
      // Read to the end: else it would die of a pipe that nobody reads.
      child.stdout.on('data', (chunk: Buffer) => {
        sent += chunk.toString();
        if (sent.split('\n').length > 40) enough.resolve();
      });
      await enough.promise;
      child.kill('SIGKILL');
      await ended;
      const report = await verifyAudit(directory);
      expect(report.isIntact).toBe(false);
      expect(report.problems).toMatchObject([{ problem: 'truncated' }]);
      const [chain] = report.chains;
      // What was said to be written before the call was sent is there: each of them has at least its intent.
      const ids = new Set<string | undefined>();
      for await (const { record } of searchAudit(directory, { kind: 'call' })) ids.add(record.id);
      for (const id of sent.trimEnd().split('\n').slice(0, -1)) expect(ids).toContain(id);
      expect(chain?.unknownCount).toBeGreaterThanOrEqual(19);
      expect(chain?.unknown[0]).toMatchObject({ id: 'killed-1', consumer: 'killed', server: 'one', name: 'write' });
      // Its lock is nobody's: the chain goes on.
      const { audit } = await openTestAudit({ directory });
      audit.note('start');
      await audit.close();
      const after = await verifyAudit(directory);
      expect(after.problems).toEqual([]);
      expect(after.chains).toHaveLength(1);
      expect(after.chains[0]).toMatchObject({ isClosed: true, unknownCount: chain?.unknownCount });
    }));
});
