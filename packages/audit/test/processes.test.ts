import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
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
