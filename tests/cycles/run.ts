import { parseArgs } from 'node:util';
import { findLeaks, runCycles } from './run-cycles.ts';

// Usage: node --conditions=@hostler/source tests/cycles/run.ts [--cycles 1000] [--width 12]
const { values } = parseArgs({
  options: { cycles: { type: 'string', default: '1000' }, width: { type: 'string', default: '12' } },
});

/** Bytes of heap that one cycle may leave: half a megabyte in five hundred is the noise of the collector. */
const STEEPEST = 1_024;

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const report = await runCycles({ cycles: Number(values.cycles), width: Number(values.width) });
console.table(Object.fromEntries(report.samples.map(({ at, ...sample }) => [at === 0 ? 'before' : `${at} %`, sample])));
const { cycles, processes, orphans, heapSlope, seconds } = report;
console.log(`${cycles} cycles in ${seconds.toFixed(0)} s, ${processes} processes seen, ${orphans.length} left.`);
console.log(`In the second half the heap changed by ${heapSlope} bytes for each cycle; ${STEEPEST} are allowed.`);
const leaks = findLeaks(report, STEEPEST);
for (const leak of leaks) console.error(leak);
process.exitCode = leaks.length === 0 ? 0 : 1;
