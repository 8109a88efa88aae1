import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exchange, JsonObject } from '@hostler/kernel';
import { createAuditKey, createFileSink, openAudit } from '../../src/index.ts';
import type { Audit, AuditOptions, AuditSink, OnFailure } from '../../src/index.ts';
import { DrivenClock } from './driven-clock.ts';

export const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

export const KEY = createAuditKey(Buffer.alloc(32, 7));

export interface TestAudit {
  readonly audit: Audit;
  readonly clock: DrivenClock;
}

export interface TestOptions extends Partial<AuditOptions> {
  readonly directory?: string;
  readonly sink?: AuditSink;
  readonly onFailure?: OnFailure;
}

export async function openTestAudit(options: TestOptions = {}): Promise<TestAudit> {
  const { directory, sink, onFailure = 'closed', ...more } = options;
  const clock = new DrivenClock();
  const used = sink ?? createFileSink({ directory: directory ?? '', sync: 'never', clock, log: SILENT });
  const audit = await openAudit({
    sinks: [{ sink: used, onFailure }],
    key: KEY,
    clock,
    log: SILENT,
    time: () => Date.UTC(2026, 0, 1) + clock.now(),
    redact: (text) => text.replaceAll('s3cret-value', '[secret]'),
    wait: 'side-effects',
    generation: () => 1,
    secretsOf: () => ['env://TOKEN'],
    showsValues: () => false,
    ...more,
  });
  return { audit, clock };
}

export async function withFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-audit-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function exchangeFor(id: string, args: JsonObject = { path: 'x' }, more: Partial<Exchange> = {}): Exchange {
  return {
    id,
    request: { method: 'tools/call', params: { name: 'write', arguments: args } },
    scope: { kind: 'all' },
    consumer: { name: 'ci', identity: { method: 'key', credential: 'ab12' } },
    client: { era: 'modern', protocolVersion: '2026-07-28', capabilities: {} },
    entry: 'mcp',
    signal: new AbortController().signal,
    notify: () => undefined,
    ask: () => Promise.reject(new Error('nobody is asked')),
    ...more,
  };
}

export function targetOf({ request }: Exchange, mayChange = true) {
  return { server: 'files', request, mayChange };
}
