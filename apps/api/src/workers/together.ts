import type { Readiness } from '@hostler/runtime';
import type { WorkerProcess } from './worker-process.ts';

type Worker = Pick<WorkerProcess, 'place' | 'isReady' | 'isListening' | 'restarts' | 'metrics'>;

/** The host is ready when all of its processes are. */
export function readinessOfAll(own: Readiness, workers: readonly Pick<Worker, 'isReady'>[]): Readiness {
  return own.ready && workers.some(({ isReady }) => !isReady) ? { ...own, ready: false } : own;
}

/** Milliseconds for a worker to say what it has counted: one that hangs must not hold up the others. */
const ANSWER_TIME = 1_000;
/** Of each process by itself. */
const BY_WORKER: ReadonlySet<string> = new Set(['process_resident_memory_bytes', 'process_cpu_seconds_total']);
/** Counted where calls are made; the record is counted where it is written. */
const SUMMED: ReadonlySet<string> = new Set([
  'hostler_secret_leaks_total',
  'hostler_limit_decisions_total',
  'hostler_audit_refused_total',
]);
const SAMPLE = /^([a-z_]+)(\{.*\})? (\S+)$/;

interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

/** What the process that has the servers says, with what its workers have counted. Source: Prometheus text format 0.0.4. */
export async function metricsOfAll(own: string, workers: readonly Worker[]): Promise<string> {
  const found = await Promise.all(
    workers.map(async (worker) => ({ worker, samples: samplesOf((await worker.metrics(ANSWER_TIME)) ?? '') })),
  );
  const sums = new Map<string, number>();
  const perWorker = new Map<string, string[]>();
  for (const { worker, samples } of found) {
    for (const { name, labels, value } of samples) {
      if (SUMMED.has(name)) sums.set(name + labels, (sums.get(name + labels) ?? 0) + value);
      if (!BY_WORKER.has(name)) continue;
      const lines = perWorker.get(name) ?? [];
      perWorker.set(name, [...lines, `${name}{worker="${worker.place}"} ${value}`]);
    }
  }
  return `${merged(own, sums, perWorker).join('\n')}\n${aboutWorkers(workers)}`;
}

/** Samples of one metric have to stand together. */
function merged(own: string, sums: Map<string, number>, perWorker: ReadonlyMap<string, readonly string[]>): string[] {
  const lines: string[] = [];
  const flush = (last: string | undefined): void => {
    if (last === undefined) return;
    lines.push(...(perWorker.get(last) ?? []));
    for (const [key, value] of sums) {
      if (nameOf(key) !== last) continue;
      lines.push(`${key} ${value}`);
      sums.delete(key);
    }
  };
  let metric: string | undefined;
  for (const line of own.trimEnd().split('\n')) {
    const help = /^# HELP (\S+) /.exec(line)?.[1];
    if (help !== undefined) {
      flush(metric);
      metric = help;
    }
    const sample = SAMPLE.exec(line);
    const key = sample === null ? '' : (sample[1] ?? '') + (sample[2] ?? '');
    const more = sums.get(key);
    sums.delete(key);
    lines.push(more === undefined || sample === null ? line : `${key} ${Number(sample[3]) + more}`);
  }
  flush(metric);
  return lines;
}

function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels, value: Number(value) }];
  });
}

function nameOf(key: string): string {
  return key.split('{', 1)[0] ?? key;
}

function aboutWorkers(workers: readonly Worker[]): string {
  const lines = (name: string, value: (worker: Worker) => number): string[] =>
    workers.map((worker) => `${name}{worker="${worker.place}"} ${value(worker)}`);
  return [
    '# HELP hostler_worker_up Whether the worker takes connections.',
    '# TYPE hostler_worker_up gauge',
    ...lines('hostler_worker_up', ({ isListening }) => Number(isListening)),
    '# HELP hostler_worker_restarts_total How often the worker was started again.',
    '# TYPE hostler_worker_restarts_total counter',
    ...lines('hostler_worker_restarts_total', ({ restarts }) => restarts),
    '',
  ].join('\n');
}
