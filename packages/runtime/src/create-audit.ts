import { createAuditKey, createFileSink, createHttpSink, createStreamSink, openAudit } from '@hostler/audit';
import type { Audit, AuditSink, SegmentRule } from '@hostler/audit';
import type { AuditSinkSpec, AuditSpec, FileSinkSpec, HostPlan } from '@hostler/config';
import type { Clock, Logger, UpstreamSpec } from '@hostler/kernel';
import { createView } from '@hostler/router';
import type { Redactor, SecretResolver } from '@hostler/secrets';
import { createAuditAnchor } from './audit-anchor.ts';
import { ownAuditKey } from './audit-key-file.ts';
import { readAuditKey, readSinkHeaders } from './audit-secrets.ts';
import { referencesOf } from './secret-uses.ts';

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
}

/** The record that the plan wants; undefined where it wants none. @throws AUDIT_DIRECTORY, AUDIT_KEY, SECRET_* */
export async function createAudit(options: CreateAuditOptions): Promise<Audit | undefined> {
  const { plan, stateDirectory, clock, log, redactor, generation } = options;
  const { audit: spec } = plan;
  if (spec === undefined) return undefined;
  const key = createAuditKey(await keyBytes(spec, options));
  const segments = segmentRule(spec);
  return openAudit({
    sinks: spec.sinks.map((sink) => ({ sink: createSink(sink, options), onFailure: sink.onFailure })),
    key,
    clock,
    log,
    time: Date.now,
    redact: (text) => redactor.redact(text),
    ...(segments && { segments }),
    ...(stateDirectory !== undefined && { anchor: createAuditAnchor(stateDirectory) }),
    wait: spec.wait,
    generation,
    secretsOf: createSecretNames(options),
    showsValues: createValuesRule(spec.values),
  });
}

function keyBytes({ key }: AuditSpec, { secrets, stateDirectory }: CreateAuditOptions): Promise<Uint8Array> {
  // Bounded by the resolver itself.
  return key === undefined ? ownAuditKey(stateDirectory) : readAuditKey(key, secrets, new AbortController().signal);
}

function createSink(spec: AuditSinkSpec, { secrets, clock, log, output }: CreateAuditOptions): AuditSink {
  if (spec.type === 'stdout') return createStreamSink('stdout', output);
  if (spec.type === 'file') {
    const { directory, sync, keep } = spec;
    return createFileSink({ directory, sync, clock, log, ...(keep !== undefined && { keep }) });
  }
  const { url, headers, format, timeout } = spec;
  const read = (signal: AbortSignal): Promise<Readonly<Record<string, string>>> =>
    readSinkHeaders(headers, secrets, signal);
  return createHttpSink({ url, headers: read, format, timeout, fetch, clock });
}

/** The first folder says when a segment is complete: the chain is one for all sinks. */
function segmentRule({ sinks }: AuditSpec): SegmentRule | undefined {
  const file = sinks.find((sink): sink is FileSinkSpec => sink.type === 'file');
  if (file === undefined) return undefined;
  const { segmentBytes: bytes, segmentAge: age, keep } = file;
  return { bytes, age, ...(keep !== undefined && { keep }) };
}

/** Looked up once for each server as it is configured. */
function createSecretNames({ specOf, plan }: CreateAuditOptions): (server: string) => readonly string[] {
  const known = new WeakMap<UpstreamSpec, readonly string[]>();
  const none: readonly string[] = [];
  const membersOf = new Map(plan.groups.map(({ name, members }) => [name, members.map(({ server }) => server)]));

  function ofServer(server: string): readonly string[] {
    const spec = specOf(server);
    if (spec === undefined) return none;
    const found = known.get(spec) ?? referencesOf(spec);
    known.set(spec, found);
    return found;
  }

  return (server) => {
    const members = membersOf.get(server);
    return members === undefined ? ofServer(server) : [...new Set(members.flatMap(ofServer))];
  };
}

function createValuesRule(values: readonly string[]) {
  if (values.length === 0) return () => false;
  const view = createView({ allow: values });
  return (kind: 'tool' | 'prompt' | 'resource', server: string, name: string): boolean =>
    view.allows(kind, server, name);
}
