import {
  createAuditKey,
  createAuditOn,
  createFileSink,
  createHttpSink,
  createStreamSink,
  openAudit,
} from '@hostler/audit';
import type { Audit, AuditSink, SegmentRule } from '@hostler/audit';
import type { AuditSinkSpec, AuditSpec, FileSinkSpec } from '@hostler/config';
import type { UpstreamSpec } from '@hostler/kernel';
import { createView } from '@hostler/router';
import { createAuditAnchor } from './audit-anchor.ts';
import { ownAuditKey } from './audit-key-file.ts';
import { readAuditKey, readSinkHeaders } from './audit-secrets.ts';
import type { CreateAuditOptions } from './create-audit.ts';
import { referencesOf } from './secret-uses.ts';

/** The record that the plan describes. @throws AUDIT_DIRECTORY, AUDIT_KEY, SECRET_* */
export async function openPlannedAudit(options: CreateAuditOptions, spec: AuditSpec): Promise<Audit> {
  const { stateDirectory, clock, log, redactor, generation } = options;
  const recording = {
    clock,
    time: Date.now,
    wait: spec.wait,
    generation,
    secretsOf: createSecretNames(options),
    showsValues: createValuesRule(spec.values),
  };
  if (options.recorder !== undefined) return createAuditOn(options.recorder, recording);
  const key = createAuditKey(await keyBytes(spec, options));
  const segments = segmentRule(spec);
  return openAudit({
    sinks: spec.sinks.map((sink) => ({ sink: createSink(sink, options), onFailure: sink.onFailure })),
    ...recording,
    key,
    log,
    redact: (text) => redactor.redact(text),
    ...(segments && { segments }),
    ...(stateDirectory !== undefined && { anchor: createAuditAnchor(stateDirectory) }),
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
