import { resolve } from 'node:path';
import type { Setting } from '@hostler/kernel';
import { toBytes } from '../byte-size.ts';
import { toMilliseconds } from '../duration.ts';
import type { CheckedAudit, CheckedConfig } from '../schema/config-file.ts';
import { toSettings } from './settings.ts';

/** What happens while a sink fails: calls are refused, run without a record, or run until so many records wait. */
export type AuditFailure = 'closed' | 'open' | { readonly buffer: number };

export interface AuditSpec {
  readonly sinks: readonly AuditSinkSpec[];
  /** Which calls are sent only when their record is written. */
  readonly wait: 'side-effects' | 'all' | 'none';
  /** Patterns of the tools and prompts whose arguments are recorded as they are. */
  readonly values: readonly string[];
  /** Reference of the key; absent: one of the host's own. */
  readonly key?: string;
}

export type AuditSinkSpec = FileSinkSpec | StdoutSinkSpec | HttpSinkSpec;

export interface FileSinkSpec {
  readonly type: 'file';
  /** Absolute. */
  readonly directory: string;
  readonly sync: 'always' | 'interval' | 'never';
  readonly segmentBytes: number;
  /** Milliseconds. */
  readonly segmentAge: number;
  /** Sealed segments; absent: all. */
  readonly keep?: number;
  readonly onFailure: AuditFailure;
}

export interface StdoutSinkSpec {
  readonly type: 'stdout';
  readonly onFailure: AuditFailure;
}

export interface HttpSinkSpec {
  readonly type: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, Setting>>;
  readonly format: 'lines' | 'otlp';
  /** Milliseconds. */
  readonly timeout: number;
  readonly onFailure: AuditFailure;
}

type CheckedSink = CheckedAudit['sinks'][number];

/** Undefined where nothing is recorded. */
export function toAuditSpec({ audit }: CheckedConfig, folder: string): AuditSpec | undefined {
  if (audit === undefined) return undefined;
  const { sinks, onFailure, wait, values, key } = audit;
  return {
    sinks: sinks.map((sink) => toSinkSpec(sink, toFailure(sink.onFailure ?? onFailure), folder)),
    wait,
    values: [...values],
    ...(key && { key: key.secret }),
  };
}

function toSinkSpec(sink: CheckedSink, onFailure: AuditFailure, folder: string): AuditSinkSpec {
  if (sink.type === 'stdout') return { type: 'stdout', onFailure };
  if (sink.type === 'http') {
    const { url = '', headers, format = 'lines', timeout = '10s' } = sink;
    return { type: 'http', url, headers: toSettings(headers), format, timeout: toMilliseconds(timeout), onFailure };
  }
  const { directory = '', sync = 'interval', segmentSize = '64MiB', segmentAge = '24h', keep } = sink;
  return {
    type: 'file',
    directory: resolve(folder, directory),
    sync,
    segmentBytes: toBytes(segmentSize),
    segmentAge: toMilliseconds(segmentAge),
    ...(keep !== undefined && { keep }),
    onFailure,
  };
}

/** A copy, because the plan is frozen. */
function toFailure(written: CheckedAudit['onFailure']): AuditFailure {
  return typeof written === 'string' ? written : { buffer: written.buffer };
}
