import { markdownTable } from '../markdown-table.ts';
import type { WorkersCell } from './measure-workers.ts';

const HEAD = [
  'Server',
  'Era',
  '1 worker, CPU µs',
  '2 workers, all, µs',
  'busiest process, µs',
  'owner, µs',
  'share of each worker',
  'follows',
  'calls/s',
];

/** @param hasCores whether every process had one: only then is the throughput that of the host */
export function describeWorkers(cells: readonly WorkersCell[], hasCores: boolean): string {
  const rows = cells.map(({ upstream, era, one, two }) => [
    upstream,
    era,
    figure(one.all),
    figure(two.all),
    figure(two.busiest),
    figure(two.owner),
    two.shares.map((share) => `${Math.round(share * 100)} %`).join(' + '),
    `${(one.busiest / two.busiest).toFixed(2)}×`,
    hasCores
      ? `${thousands(one.callsPerSecond)} → ${thousands(two.callsPerSecond)}, ${(two.callsPerSecond / one.callsPerSecond).toFixed(2)}×`
      : '–',
  ]);
  const note = hasCores
    ? 'Calls per second with clients and servers on a core of their own.'
    : 'Throughput is not measurable here: two workers, the owner, clients and servers need 4 cores. All of the host shared one core, clients and servers had the other.';
  return [
    markdownTable(HEAD, rows, 2),
    '',
    `CPU of the host for one call, 4 clients with 8 calls in flight each, 200 B. "Follows": how many times the calls that one process can do, when each process has a core: by the CPU per call of the busiest one. The share is that of the CPU that both workers spent. ${note}`,
  ].join('\n');
}

function figure(value: number): string {
  return value.toFixed(0);
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}
