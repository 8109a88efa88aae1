import { isHostlerError, isJsonObject } from '@hostler/kernel';
import type { Clock, Exchange, JsonObject, McpRequest, Outcome } from '@hostler/kernel';
import { hasItem, itemOf } from './call-item.ts';
import type { CallItem } from './call-item.ts';
import { CallText } from './call-text.ts';
import type { CallEnd } from './call-text.ts';
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
  const text = new CallText();
  return {
    begin(exchange) {
      recorder.admit();
      return new RecordedCall(options, text, exchange);
    },
  };
}

class RecordedCall implements CallRecord {
  readonly #options: CallAuditOptions;
  readonly #text: CallText;
  readonly #exchange: Exchange;
  readonly #begun: number;
  #server: string | undefined;
  #item: CallItem | undefined;
  #isOver = false;

  constructor(options: CallAuditOptions, text: CallText, exchange: Exchange) {
    this.#options = options;
    this.#text = text;
    this.#exchange = exchange;
    this.#begun = options.clock.now();
  }

  intent({ server, request, mayChange }: CallTarget): Promise<void> | undefined {
    const { recorder, wait, time, generation, secretsOf, showsValues } = this.#options;
    const item = itemOf(request);
    this.#server = server;
    this.#item = item;
    const place = { server, generation: generation(), secrets: secretsOf(server) };
    const entry = {
      kind: 'call',
      phase: 'intent',
      time: time(),
      id: this.#exchange.id,
      fields: this.#text.request(this.#exchange, request, item) + this.#text.place(place),
      values: valuesOf(request),
      sized: request.params,
      showsValues: item !== undefined && showsValues(item.item, server, item.name),
    } as const;
    if (wait === 'all' || (wait === 'side-effects' && mayChange)) return recorder.addAndWait(entry);
    recorder.add(entry);
    return undefined;
  }

  outcome(outcome: Outcome, { isToolError }: OutcomeFacts): void {
    const answerBytes = outcome.passed?.bytes ?? outcome.payload.bytes().length;
    if (outcome.kind === 'error') {
      return this.#end('failed', { code: rpcCodeOf(outcome), mayHaveRun: true, answerBytes });
    }
    const code = isToolError ? 'TOOL_ERROR' : undefined;
    return this.#end(isToolError ? 'failed' : 'ok', { code, answerBytes });
  }

  failed(thrown: unknown): void {
    const code = isHostlerError(thrown) ? thrown.code : 'INTERNAL';
    if (this.#server === undefined) return this.#refuse(code);
    const { mayHaveRun } = isHostlerError(thrown) ? thrown.details : {};
    const isCancelled = code.startsWith('CLIENT_') || (thrown instanceof Error && thrown.name === 'AbortError');
    const isUnsent = mayHaveRun === false || UNSENT.test(code);
    const result = isCancelled ? 'cancelled' : isUnsent ? 'refused' : 'failed';
    // What nobody is sure of may have happened.
    return this.#end(result, { code, mayHaveRun: !isUnsent });
  }

  #end(result: Result, { code, mayHaveRun, answerBytes }: End): void {
    const server = this.#server;
    if (this.#isOver || server === undefined) return;
    this.#isOver = true;
    const { recorder, clock, time } = this.#options;
    const microseconds = Math.max(0, Math.round((clock.now() - this.#begun) * 1_000));
    const end = { server, item: this.#item, result, code, mayHaveRun, answerBytes, microseconds };
    const fields = this.#text.end(this.#exchange.consumer.name, end);
    recorder.add({ kind: 'call', phase: 'outcome', time: time(), id: this.#exchange.id, fields });
  }

  #refuse(code: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { tally, time, generation } = this.#options;
    const { id, request } = this.#exchange;
    const item = itemOf(request);
    const rule = RULES[code] ?? 'request';
    const known = JSON.parse(`{${this.#text.request(this.#exchange, request, item).slice(1)}}`) as JsonObject;
    const fields = { ...known, generation: generation(), result: 'refused', rule, code };
    tally.add(
      { source: this.#exchange.consumer.name, about: `${code} ${known['method'] as string} ${item?.name ?? ''}` },
      { kind: 'decision', time: time(), id, fields, values: valuesOf(request) },
    );
  }
}

/** What there is to say of an end. */
type End = Pick<CallEnd, 'code' | 'mayHaveRun' | 'answerBytes'>;

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

/** What a caller chose freely; of other methods all but what they are about. */
function valuesOf({ method, params }: McpRequest): JsonObject | undefined {
  const { arguments: given } = params;
  if (isJsonObject(given)) return given;
  if (hasItem(method)) return undefined;
  const { _meta, ...others } = params;
  return others;
}

function rpcCodeOf({ payload }: Outcome): string {
  const error = payload.value();
  const code = isJsonObject(error) ? error['code'] : undefined;
  return typeof code === 'number' ? String(code) : 'SERVER_ERROR';
}
