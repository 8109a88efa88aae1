import { expect, it } from 'vitest';
import { findLeaks, runCycles } from './run-cycles.ts';

it('thirty cycles of kill, hang, garbage and fork leave no process, no descriptor and no timer', async () => {
  const report = await runCycles({ cycles: 30, width: 6 });
  // Thirty cycles say nothing about memory: a thousand do, in `run.ts`.
  expect(findLeaks(report, Infinity)).toEqual([]);
  expect(report.processes).toBeGreaterThan(20);
});
