import { measureToolsList } from './tools-list.ts';

// Usage: node --conditions=@hostler/source tests/load/run-tools-list.ts
// Fails when the host itself needs longer than LIMIT for its slowest answers, or HTTP for its usual ones: what HTTP needs for
// its slowest depends on who else uses the machine.
const ROUNDS = 2_000;
/** Milliseconds. */
const LIMIT = 5;
const rows: Record<string, object> = {};
for (const [servers, tools] of [
  [50, 50],
  [3, 2_500],
  [10, 1_000],
] as const) {
  const { bytes, host, http } = await measureToolsList({ servers, tools, rounds: ROUNDS });
  if (host.p99 >= LIMIT || http.p50 >= LIMIT) process.exitCode = 1;
  rows[`${servers} servers × ${tools} tools`] = {
    'bytes of a page': bytes,
    'host p50 ms': host.p50,
    'host p99 ms': host.p99,
    'HTTP p50 ms': http.p50,
    'HTTP p99 ms': http.p99,
  };
}
console.table(rows);
