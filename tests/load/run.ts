import { parseArgs } from 'node:util';
import { killOne } from './kill-one.ts';

// Usage: node --conditions=@hostler/source tests/load/run.ts [--kills 2] [--window 5] [--rate 200]
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '2' },
    window: { type: 'string', default: '5' },
    rate: { type: 'string', default: '200' },
  },
});

const { baseline, disturbed, kills } = await killOne({
  kills: Number(values.kills),
  window: Number(values.window),
  rate: Number(values.rate),
});
console.table({ baseline, [`after each of ${kills} kills`]: disturbed });
const isWell = disturbed.errors === 0 && disturbed.p99 <= 2 * baseline.p99;
console.log(
  isWell ? 'The others did not notice.' : 'The others noticed: errors, or a p99 of more than twice the baseline.',
);
process.exitCode = isWell ? 0 : 1;
