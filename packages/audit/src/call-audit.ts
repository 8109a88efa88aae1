import { isHostlerError, isJsonObject } from '@hostler/kernel';
import type { Clock, Exchange, JsonObject, McpRequest, Outcome } from '@hostler/kernel';
import { describeConsumer } from './describe-consumer.ts';
import type { Recorder } from './recorder.ts';
import type { Result } from './record.ts';
import type { Tally } from './tally.ts';

export interface CallAuditOptions {
  readonly recorder: Recorder;
  readonly tally: Tally;
  /** Which calls are sent only when their record is written. */
  readonly wait: 'side-effects' | 'all' | 'none';
  readonly clock: Pick<Clock, 'now'>;
  /** Milliseconds since 1970. */
  readonly time: () => number;
  /** Of the configuration. */
  readonly generation: () => number;
  /** References of the secrets that a server is given. */
  readonly secretsOf: (server: string) => readonly string[];
  /** Whether the arguments are recorded as they are; `name` is the server's own. */
  readonly showsValues: (kind: 'tool' | 'prompt' | 'resource', server: string, name: string) => boolean;
}

/** Where a request leads, when that is known. */
export interface CallTarget {
  readonly server: string;
  /** Under the server's own names. */
  readonly request: McpRequest;
  /** It may change something. */
  readonly mayChange: boolean;
}

/** What a request came to, beside its outcome. */
export interface OutcomeFacts {
  /** The tool says that it has failed. */
  readonly isToolError: boolean;
}

/** One request, from before anything is known of it. */
export interface CallRecord {
  /** @returns what has to be waited for before anything is sent. @throws and rejects with AUDIT_UNAVAILABLE */
  intent(target: CallTarget): Promise<void> | undefined;
  outcome(outcome: Outcome, facts: OutcomeFacts): void;
  /** It failed, was given up, or was refused before it led anywhere. */
  failed(thrown: unknown): void;
}

export interface CallAudit {
  /** @throws AUDIT_UNAVAILABLE */
  begin(exchange: Exchange): CallRecord;
}

export function createCallAudit(options: CallAuditOptions): CallAudit {
  const { recorder } = options;
  return {
    begin(exchange) {
      recorder.admit();
      return new RecordedCall(options, exchange);
    },
  };
}

class RecordedCall implements CallRecord {
  readonly #options: CallAuditOptions;
  readonly #exchange: Exchange;
  readonly #begun: number;
  #target: CallTarget | undefined;
  #isOver = false;

  constructor(options: CallAuditOptions, exchange: Exchange) {
    this.#options = options;
    this.#exchange = exchange;
    this.#begun = options.clock.now();
  }

  intent(target: CallTarget): Promise<void> | undefined {
    const { recorder, wait, time, generation, secretsOf, showsValues } = this.#options;
    const { server, request } = target;
    this.#target = target;
    const item = itemOf(request);
    const entry = {
      kind: 'call',
      phase: 'intent',
      time: time(),
      id: this.#exchange.id,
      fields: this.#facts(request, item, { server, generation: generation(), secrets: secretsOf(server) }),
      values: valuesOf(request),
      sized: request.params,
      showsValues: item !== undefined && showsValues(item.item, server, item.name),
    } as const;
    if (wait === 'all' || (wait === 'side-effects' && target.mayChange)) return recorder.addAndWait(entry);
    recorder.add(entry);
    return undefined;
  }

  outcome(outcome: Outcome, { isToolError }: OutcomeFacts): void {
    const answerBytes = outcome.payload.bytes().length;
    if (outcome.kind === 'error') {
      return this.#end('failed', { code: rpcCodeOf(outcome), mayHaveRun: true, answerBytes });
    }
    const code = isToolError ? 'TOOL_ERROR' : undefined;
    return this.#end(isToolError ? 'failed' : 'ok', { code, answerBytes });
  }

  failed(thrown: unknown): void {
    const code = isHostlerError(thrown) ? thrown.code : 'INTERNAL';
    if (this.#target === undefined) return this.#refuse(code);
    const { mayHaveRun } = isHostlerError(thrown) ? thrown.details : {};
    const isCancelled = code.startsWith('CLIENT_') || (thrown instanceof Error && thrown.name === 'AbortError');
    const isUnsent = mayHaveRun === false || UNSENT.test(code);
    const result = isCancelled ? 'cancelled' : isUnsent ? 'refused' : 'failed';
    // What nobody is sure of may have happened.
    return this.#end(result, { code, mayHaveRun: !isUnsent });
  }

  #end(result: Result, { code, mayHaveRun, answerBytes }: End): void {
    if (this.#isOver || this.#target === undefined) return;
    this.#isOver = true;
    const { recorder, clock, time } = this.#options;
    const { server, request } = this.#target;
    const item = itemOf(request);
    recorder.add({
      kind: 'call',
      phase: 'outcome',
      time: time(),
      id: this.#exchange.id,
      fields: {
        consumer: this.#exchange.consumer.name,
        server,
        item: item?.item,
        name: item?.name,
        result,
        code,
        mayHaveRun,
        answerBytes,
        milliseconds: Math.round((clock.now() - this.#begun) * 1_000) / 1_000,
      },
    });
  }

  #refuse(code: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { tally, time, generation } = this.#options;
    const { id, request } = this.#exchange;
    const item = itemOf(request);
    const consumer = this.#exchange.consumer.name;
    const rule = RULES[code] ?? 'request';
    const fields = this.#facts(request, item, { generation: generation(), result: 'refused', rule, code });
    tally.add(
      { source: consumer, about: `${code} ${fields['method'] as string} ${item?.name ?? ''}` },
      { kind: 'decision', time: time(), id, fields, values: valuesOf(request) },
    );
  }

  #facts(request: McpRequest, item: Item | undefined, more: JsonObject): JsonObject {
    const { consumer, client, entry, scope } = this.#exchange;
    const { identity } = consumer;
    return {
      consumer: consumer.name,
      ...(identity && describeConsumer(consumer)),
      entry,
      method: bounded(request.method, MAX_METHOD),
      era: client.era,
      scope: scope.kind === 'server' ? bounded(scope.name, MAX_NAME) : undefined,
      bundle: scope.kind === 'all' && scope.bundle !== undefined ? bounded(scope.bundle, MAX_NAME) : undefined,
      trace: traceOf(this.#exchange),
      item: item?.item,
      name: item?.name,
      ...more,
    };
  }
}

/** What there is to say of an end. */
interface End {
  readonly code?: string | undefined;
  readonly mayHaveRun?: boolean;
  readonly answerBytes?: number;
}

/** Who has refused. */
const RULES: Readonly<Record<string, string>> = {
  LIMIT_EXCEEDED: 'limit',
  ROUTE_NOT_FOUND: 'view',
  TASK_UNKNOWN: 'view',
  POLICY_DENIED: 'policy',
  AUDIT_UNAVAILABLE: 'audit',
};

/** Nothing is sent before these are settled. */
const UNSENT = /^(?:AUDIT|CONSENT)_/;

const ITEMS: Readonly<Record<string, readonly ['tool' | 'prompt' | 'resource', 'name' | 'uri']>> = {
  'tools/call': ['tool', 'name'],
  'prompts/get': ['prompt', 'name'],
  'resources/read': ['resource', 'uri'],
  'resources/subscribe': ['resource', 'uri'],
  'resources/unsubscribe': ['resource', 'uri'],
};

const MAX_NAME = 1_024;
const MAX_METHOD = 128;

interface Item extends JsonObject {
  readonly item: 'tool' | 'prompt' | 'resource';
  readonly name: string;
}

function itemOf({ method, params }: McpRequest): Item | undefined {
  const [item, key] = (Object.hasOwn(ITEMS, method) ? ITEMS[method] : undefined) ?? [];
  if (item === undefined || key === undefined) return undefined;
  const name = params[key];
  return { item, name: typeof name === 'string' ? bounded(name, MAX_NAME) : '' };
}

/** A copy: a part of a text would keep the whole of it in memory. */
function bounded(text: string, length: number): string {
  return text.length <= length ? text : Buffer.from(text.slice(0, length), 'utf16le').toString('utf16le');
}

/** What a caller chose freely; of other methods all but what they are about. */
function valuesOf({ method, params }: McpRequest): JsonObject | undefined {
  const { arguments: given } = params;
  if (isJsonObject(given)) return given;
  if (Object.hasOwn(ITEMS, method)) return undefined;
  const { _meta, ...others } = params;
  return others;
}

const TRACE_PARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

/**
 * The trace that it is part of: its own word before that of whoever carried it. Source: W3C Trace Context, 3.2.2;
 * MCP 2026-07-28, basic (`_meta`).
 */
function traceOf({ request, traceParent }: Exchange): string | undefined {
  const { _meta: meta } = request.params;
  const parent = (isJsonObject(meta) ? meta['traceparent'] : undefined) ?? traceParent;
  return typeof parent === 'string' ? TRACE_PARENT.exec(parent)?.[1] : undefined;
}

function rpcCodeOf({ payload }: Outcome): string {
  const error = payload.value();
  const code = isJsonObject(error) ? error['code'] : undefined;
  return typeof code === 'number' ? String(code) : 'SERVER_ERROR';
}
