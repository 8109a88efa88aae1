// What workers gain: `pnpm -s bench:workers [--seconds N] [--rounds N] [--write]`.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from '../machine.ts';
import { writeSection } from '../write-section.ts';
import { measureWorkers } from './measure-workers.ts';
import type { WorkersCell } from './measure-workers.ts';
import { describeWorkers } from './report.ts';

/** Those of the host with two workers, and one for the clients and the servers behind. */
const CORES_FOR_THROUGHPUT = 4;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
});
const effort = { seconds: Number(values.seconds), rounds: Number(values.rounds) };
const hasCores = cpus().length >= CORES_FOR_THROUGHPUT;

const cells: WorkersCell[] = [];
for (const upstream of ['http', 'stdio'] as const) {
  for (const era of ['modern', 'legacy'] as const) {
    console.error(`${upstream}, ${era} …`);
    cells.push(await measureWorkers({ upstream, era, hasCores }, effort));
  }
}
const text = `${describeWorkers(cells, hasCores)}\n\n${machineLine(describeMachine())}`;
console.log(text);
if (values.write) writeSection('workers', text);
