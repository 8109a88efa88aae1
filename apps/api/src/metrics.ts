import process from 'node:process';
import type { Readiness, Runtime } from '@hostler/runtime';
import { hostInfo } from '@hostler/upstream';

/** A measurement: its labels and its value. */
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** How the host is, as Prometheus reads it. Everything is counted where it happens anyway; nothing is kept for this. */
export function describeMetrics(runtime: Runtime, readiness: Readiness, uptime: number): string {
  return writeMetrics([
    ...hostMetrics(uptime),
    ...serverMetrics(readiness),
    ...secretMetrics(runtime, readiness),
    ...limitMetrics(runtime),
    ...lockMetrics(runtime),
    ...auditMetrics(readiness),
  ]);
}

function hostMetrics(uptime: number): Metric[] {
  const { user, system } = process.cpuUsage();
  const { version } = hostInfo;
  return [
    gauge('hostler_info', 'The version that runs.', [[{ version: typeof version === 'string' ? version : '' }, 1]]),
    gauge('hostler_uptime_seconds', 'Since the host began.', [[{}, uptime / 1_000]]),
    gauge('process_resident_memory_bytes', 'Resident memory of the host process.', [[{}, process.memoryUsage.rss()]]),
    counter('process_cpu_seconds_total', 'CPU time of the host process.', [[{}, (user + system) / 1e6]]),
  ];
}

function serverMetrics({ ready, servers, configuration }: Readiness): Metric[] {
  return [
    gauge('hostler_ready', 'Whether calls are welcome.', [[{}, Number(ready)]]),
    gauge('hostler_configuration_generation', 'Plans that were in force so far.', [[{}, configuration.generation]]),
    gauge(
      'hostler_server_up',
      'Whether the server can be called.',
      servers.map(({ name, status }) => [{ server: name }, Number(status === 'up')]),
    ),
    counter(
      'hostler_server_restarts_total',
      'How often the server was started again.',
      servers.map(({ name, restarts }) => [{ server: name }, restarts]),
    ),
    gauge(
      'hostler_server_missing_secrets',
      'Optional secrets that the server goes without.',
      servers.map(({ name, missing = [] }) => [{ server: name }, missing.length]),
    ),
  ];
}

function secretMetrics({ secrets }: Runtime, { secrets: state }: Readiness): Metric[] {
  const rows = secrets.list();
  const failing = new Set(state.rotations.map(({ server }) => server));
  const servers = new Set([...rows.flatMap(({ usedBy }) => usedBy.flatMap(serverOf)), ...failing]);
  return [
    gauge(
      'hostler_secret_age_seconds',
      'Since the provider confirmed the value that is in use.',
      rows.flatMap(({ reference, age }) => (age === undefined ? [] : [[{ secret: reference }, age / 1_000] as const])),
    ),
    gauge(
      'hostler_secret_stale',
      'Whether an old value is in use because the provider is unavailable.',
      rows.map(({ reference, stale }) => [{ secret: reference }, Number(stale)]),
    ),
    gauge(
      'hostler_secret_failing',
      'Whether the secret could not be read when that was last tried.',
      rows.map(({ reference, code }) => [{ secret: reference }, Number(code !== undefined)]),
    ),
    counter(
      'hostler_secret_rotations_total',
      'How often servers were given changed secrets, by what came of it.',
      Object.entries(secrets.rotations()).map(([outcome, count]) => [{ outcome }, Number(count)]),
    ),
    gauge(
      'hostler_secret_rotation_failing',
      'Whether the server runs with old secrets because it did not come up with the changed ones.',
      [...servers].map((server) => [{ server }, Number(failing.has(server))]),
    ),
    counter(
      'hostler_secret_leaks_total',
      'Secrets found where they must not pass.',
      secrets
        .leaks()
        .map(({ secret, server, direction, action, count }) => [{ secret, server, direction, action }, count]),
    ),
  ];
}

/** Nothing while there is no lockfile. */
function lockMetrics({ lock }: Runtime): Metric[] {
  if (lock.file === undefined) return [];
  const counts = Map.groupBy(lock.drift(), ({ server, grade }) => `${server} ${grade}`);
  const samples = [...counts.values()].flatMap((same): Sample[] => {
    const [first] = same;
    return first === undefined ? [] : [[{ server: first.server, grade: first.grade }, same.length]];
  });
  return [gauge('hostler_drift', 'Tools, prompts and other things that are not as they were approved.', samples)];
}

/** Nothing where this host counts for itself. */
function limitMetrics({ limits }: Pick<Runtime, 'limits'>): Metric[] {
  const state = limits.store();
  if (state === undefined) return [];
  return [
    gauge('hostler_limit_store_away', 'Whether the store of the limits does not answer.', [[{}, Number(state.away)]]),
    counter('hostler_limit_decisions_total', 'Requests counted, by the store or while it was away.', [
      [{ by: 'store' }, state.shared],
      [{ by: 'without' }, state.without],
    ]),
  ];
}

/** Nothing where nothing is recorded. */
function auditMetrics({ audit }: Readiness): Metric[] {
  if (audit === undefined) return [];
  const { records, refused, sinks } = audit;
  const ofSinks = (value: (sink: (typeof sinks)[number]) => number): Sample[] =>
    sinks.map((sink) => [{ sink: sink.sink }, value(sink)]);
  return [
    counter('hostler_audit_records_total', 'Records of this run.', [[{}, records]]),
    counter('hostler_audit_refused_total', 'What was refused because it could not be recorded.', [[{}, refused]]),
    gauge(
      'hostler_audit_sink_failing',
      'Whether the last write failed.',
      ofSinks(({ failing }) => Number(failing)),
    ),
    gauge(
      'hostler_audit_buffered',
      'Records that wait to be written.',
      ofSinks(({ pending }) => pending),
    ),
    counter(
      'hostler_audit_dropped_total',
      'Records that were left out.',
      ofSinks(({ dropped }) => dropped),
    ),
    counter(
      'hostler_audit_failures_total',
      'Writes that failed.',
      ofSinks(({ failures }) => failures),
    ),
  ];
}

/** The server of a place such as `servers.github.env.TOKEN`. */
function serverOf(place: string): string[] {
  const [kind, name] = place.split('.');
  return kind === 'servers' && name !== undefined ? [name] : [];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: 'gauge', help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: 'counter', help, samples };
}

/** Source: Prometheus, "Exposition formats", text format 0.0.4. */
function writeMetrics(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap(({ name, type, help, samples }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${writeLabels(labels)} ${value}`),
  ]);
  return `${lines.join('\n')}\n`;
}

function writeLabels(labels: Sample[0]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
