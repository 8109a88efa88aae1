import { parseArgs } from 'node:util';
import { isolation } from './isolation.ts';

// Usage: node --conditions=@hostler/source tests/isolation/run.ts [--consumers 20] [--clients 500] [--calls 200000]
const { values } = parseArgs({
  options: {
    consumers: { type: 'string', default: '20' },
    clients: { type: 'string', default: '500' },
    calls: { type: 'string', default: '200000' },
  },
});

const { crossed, ...report } = await isolation({
  consumers: Number(values.consumers),
  clients: Number(values.clients),
  calls: Number(values.calls),
});
console.table({ isolation: report });
for (const what of crossed) console.log(what.slice(0, 400));
const isWell = crossed.length === 0 && report.progress > 0 && report.updates > 0 && report.refused > 0;
console.log(isWell ? 'Nothing reached anybody whose it was not.' : 'Something crossed, or nothing was told at all.');
process.exitCode = isWell ? 0 : 1;
