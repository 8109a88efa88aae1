import type { Clock } from '@hostler/kernel';
import type { AuditSink } from './audit-sink.ts';
import { toOtlpLogs } from './otlp-logs.ts';

export interface HttpSinkOptions {
  readonly url: string;
  /** Asked for every request: they may hold secrets that change. */
  readonly headers: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>;
  readonly format: 'lines' | 'otlp';
  /** Milliseconds for one request. */
  readonly timeout: number;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

const TYPES = { lines: 'application/x-ndjson', otlp: 'application/json' } as const;

/** Batches for another host. One that was refused, or whose answer is lost, is sent again: `seq` tells what is double. */
export function createHttpSink(options: HttpSinkOptions): AuditSink {
  const { url, headers, format, timeout, fetch: send, clock } = options;
  return {
    name: 'http',
    open: () => Promise.resolve(undefined),
    async write(lines, { signal }) {
      const late = new AbortController();
      const stopTimer = clock.after(timeout, () => late.abort(new Error('the sink did not answer in time')));
      const either = AbortSignal.any([signal, late.signal]);
      try {
        const answer = await send(url, {
          method: 'POST',
          headers: { ...(await headers(either)), 'content-type': TYPES[format] },
          body: format === 'otlp' ? toOtlpLogs(lines) : `${lines.join('\n')}\n`,
          // Its headers are for that host alone.
          redirect: 'error',
          signal: either,
        });
        await answer.body?.cancel();
        if (!answer.ok) throw new Error(`the sink answered with status ${answer.status}`);
      } finally {
        stopTimer();
      }
    },
    close: () => Promise.resolve(),
  };
}
