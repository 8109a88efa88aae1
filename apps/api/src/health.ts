import type { Readiness } from '@hostler/runtime';

type Phase = Readiness['phase'];

/** A server as anybody may see it: no reason, no address, no version. */
export interface ServerHealth {
  readonly name: string;
  readonly status: Readiness['servers'][number]['status'];
}

export interface Health {
  /** `degraded`: this process works, one of its servers does not. */
  readonly status: 'ok' | 'degraded' | 'starting' | 'stopping';
  readonly phase: Phase;
  readonly servers: readonly ServerHealth[];
}

export interface ReadinessReport {
  readonly status: 'ready' | 'not ready';
  readonly phase: Phase;
  /** The servers that hold readiness back. */
  readonly waitingFor: readonly string[];
  readonly servers: readonly ServerHealth[];
  /** Which plan is in force, and why a newer one in the file is not. */
  readonly configuration: Readiness['configuration'];
  /** Secrets that are not as they should be, by reference. They hold nothing back. */
  readonly secrets: SecretsHealth;
  /** How the sinks of the audit record are; absent where nothing is recorded. They hold nothing back. */
  readonly audit?: NonNullable<Readiness['audit']>['sinks'];
}

export interface SecretsHealth {
  /** An old value serves, because the provider is unavailable. */
  readonly stale: readonly string[];
  /** The last read failed. */
  readonly failing: readonly string[];
  /** Servers that could not be given their changed secrets, and run with those they have. */
  readonly rotations: readonly { readonly server: string; readonly code: string; readonly since: Date }[];
}

/** How this process is. It answers, so it is alive: the status never decides about a restart. */
export function describeHealth({ phase, servers }: Readiness): Health {
  const isComplete = servers.every(({ status }) => status === 'up');
  const running = isComplete ? 'ok' : 'degraded';
  return { status: phase === 'running' ? running : phase, phase, servers: servers.map(toServerHealth) };
}

/** Whether calls should be sent here, and what that waits for. */
export function describeReadiness({
  ready,
  phase,
  servers,
  configuration,
  secrets,
  audit,
}: Readiness): ReadinessReport {
  const isReady = ready && phase === 'running';
  return {
    status: isReady ? 'ready' : 'not ready',
    phase,
    waitingFor: isReady ? [] : servers.filter((server) => holdsBack(server, phase)).map(({ name }) => name),
    servers: servers.map(toServerHealth),
    configuration,
    secrets: {
      stale: secrets.stale,
      failing: secrets.failing,
      rotations: secrets.rotations.map(({ server, code, since }) => ({ server, code, since })),
    },
    ...(audit && { audit: audit.sinks }),
  };
}

/** As strangers may know it. */
export function briefly<Report extends Health | ReadinessReport>({
  status,
  phase,
}: Report): Pick<Report, 'status' | 'phase'> {
  return { status, phase };
}

function holdsBack({ status, required }: Readiness['servers'][number], phase: Phase): boolean {
  if (phase === 'stopping') return false;
  return phase === 'starting' ? status === 'starting' || (required && status !== 'up') : required && status !== 'up';
}

function toServerHealth({ name, status }: Readiness['servers'][number]): ServerHealth {
  return { name, status };
}
