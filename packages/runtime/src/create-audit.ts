import type { Audit, Recorder } from '@hostler/audit';
import type { HostPlan } from '@hostler/config';
import type { Clock, Logger, UpstreamSpec } from '@hostler/kernel';
import type { Redactor, SecretResolver } from '@hostler/secrets';

export interface CreateAuditOptions {
  readonly plan: HostPlan;
  readonly stateDirectory: string | undefined;
  readonly secrets: Pick<SecretResolver, 'resolve'>;
  readonly redactor: Pick<Redactor, 'redact'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the sink `stdout`. */
  readonly output: NodeJS.WritableStream;
  readonly generation: () => number;
  readonly specOf: (server: string) => UpstreamSpec | undefined;
  /** Present where another process writes the record. */
  readonly recorder?: Recorder | undefined;
}

/** The record that the plan wants; undefined where it wants none. @throws AUDIT_DIRECTORY, AUDIT_KEY, SECRET_* */
export async function createAudit(options: CreateAuditOptions): Promise<Audit | undefined> {
  const { audit } = options.plan;
  if (audit === undefined) return undefined;
  // A host without a record loads none of what writes one.
  const { openPlannedAudit } = await import('./open-planned-audit.ts');
  return openPlannedAudit(options, audit);
}
