import { isHostlerError } from '@hostler/kernel';
import type { Clock, Era, Exchange, ResultSink } from '@hostler/kernel';
import { mayAct, splitMessage } from '@hostler/protocol';
import type { MessageId, MessageParts, StreamEvent } from '@hostler/protocol';
import type { ConnectContext } from '../connection.ts';
import { CallDeadline } from '../pipe/call-deadline.ts';
import { whenAborted } from '../when-aborted.ts';
import type { Abortable } from '../when-aborted.ts';
import type { Failures } from './failures.ts';
import type { PassedResult } from './large-answer.ts';
import type { HttpRequest, Link } from './link.ts';
import { passAnswer, PASSED_PAYLOAD } from './passing-answer.ts';
import type { LargeBody, ReplyFailure, ReplyHead, ReplyListener, ReplyReader } from './reply-reader.ts';

/** What one request came to. */
export type CallReply =
  | {
      readonly kind: 'answer';
      readonly head: ReplyHead;
      readonly id: MessageId | undefined;
      readonly member: 'result' | 'error';
      /** The bytes of that member. */
      readonly bytes: Uint8Array;
      /** The result was passed on already, and `bytes` are those of an empty object. */
      readonly passed?: PassedResult;
    }
  /** An HTTP status without a JSON-RPC message for this request. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      /** It was taken at first: what was refused is the rest of its answer, so it may have run. */
      readonly wasTaken?: true;
    };

/** What calls over one link share. */
export interface CallContext {
  readonly link: Link;
  readonly clock: Clock;
  readonly failures: Failures;
  /** Absent: results are held. */
  readonly connect?: Pick<ConnectContext, 'limits' | 'screen'>;
}

export interface CallPlan {
  readonly id: number;
  /** The JSON-RPC method. */
  readonly method: string;
  readonly request: HttpRequest;
  /** What ends it early. */
  readonly until: Abortable;
  /** Where a large result may go while it arrives; absent: it is held. */
  readonly into?: { readonly exchange: Pick<Exchange, 'largeResult'>; readonly era: Era };
  /** Milliseconds until UPSTREAM_TIMEOUT; absent: `until` alone bounds it. */
  readonly timeout?: number;
  /** The deadline ends with the first message: what follows is open-ended. */
  readonly openEnded?: boolean;
  /** A notification or a question on the stream of this call. @throws when it is no valid message */
  onMessage(parts: MessageParts, bytes: Uint8Array): void;
  /** How a stream that broke is taken up again; absent: it cannot be. */
  resume?(lastEventId: string): HttpRequest;
  /** The deadline or `until` ended it after it was sent. */
  onGivenUp?(): void;
  /** It has come to its end, whatever that is. */
  onSettled?(): void;
}

/** One JSON-RPC request on its way: a POST and the reply to it, which may be a stream in several pieces. */
export class Call implements ReplyListener {
  readonly #outcome = Promise.withResolvers<CallReply>();
  readonly #context: CallContext;
  readonly #plan: CallPlan;
  readonly #acts: boolean;
  #settled = false;
  #sent = false;
  #reader: ReplyReader | undefined;
  #head: ReplyHead | undefined;
  #large: LargeBody | undefined;
  #deadline: CallDeadline | undefined;
  #stopPause: (() => void) | undefined;
  #endListening: (() => void) | undefined;
  #lastEventId: string | undefined;
  #retry = DEFAULT_RETRY;
  #resumes = 0;

  constructor(context: CallContext, plan: CallPlan) {
    this.#context = context;
    this.#plan = plan;
    this.#acts = mayAct(plan.method);
    this.#start();
  }

  /** @throws UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_PROTOCOL, UPSTREAM_RESULT_TOO_LARGE, the signal's reason */
  get done(): Promise<CallReply> {
    return this.#outcome.promise;
  }

  /** A question to the client is open, and its time is not the server's: stops the deadline until the result is called. */
  hold(): () => void {
    return this.#deadline?.hold() ?? (() => {});
  }

  /** Of the reply so far. */
  get head(): ReplyHead | undefined {
    return this.#head;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Ends it with a result that the server gave in another form than an answer. */
  succeedWith(bytes: Uint8Array): void {
    const head = this.#head;
    if (head !== undefined) this.#succeed({ kind: 'answer', head, id: this.#plan.id, member: 'result', bytes });
  }

  /** Ends it because the connection as such has ended. */
  interrupt(problem: string): void {
    // An answer that has begun can be given by nobody else.
    if (this.#large !== undefined) return this.fail(this.#context.failures.protocol(problem, this.#acts));
    this.fail(this.#context.failures.unavailable(problem, this.#acts && this.#wasSent()));
  }

  /** Ends it with this error. */
  fail(reason: unknown): void {
    if (this.#settled) return;
    this.#finish();
    this.#reader?.stop();
    this.#outcome.reject(reason);
  }

  onHead(head: ReplyHead): void {
    this.#head = head;
    this.#sent = true;
  }

  onEvent(event: StreamEvent): void {
    if (event.retry !== undefined) this.#retry = Math.max(event.retry, LEAST_RETRY);
    if (event.id !== undefined) {
      this.#lastEventId = event.id;
      this.#resumes = 0;
    }
    if (event.data.length === 0 || event.event !== 'message') return;
    this.#take(event.data);
  }

  onEnd(head: ReplyHead, body: Uint8Array): void {
    this.#head = head;
    this.#sent = true;
    const { status, form } = head;
    if (this.#resumes > 0 && !isSuccess(status)) return this.#onResumeRefused(status);
    if (form === 'events' && isSuccess(status)) return this.#onBroken(undefined);
    if (form === 'json') this.#take(body);
    else if (form === 'other' && isSuccess(status) && status !== 202 && status !== 204) {
      this.fail(this.#context.failures.protocol('Its answer has no usable content type.', this.#acts));
    } else this.#succeed({ kind: 'refused', status });
  }

  mayPass(bytes: number): boolean {
    const { connect } = this.#context;
    return connect !== undefined && bytes <= connect.limits.passedBytes && this.#sink() !== undefined;
  }

  onLarge(head: ReplyHead, first: Uint8Array, resume: () => void): LargeBody | undefined {
    const { id, into } = this.#plan;
    const { connect, failures } = this.#context;
    if (into === undefined || connect === undefined || !isSuccess(head.status) || this.#settled) return undefined;
    const context = { id, era: into.era, exchange: into.exchange, connect, failures, acts: this.#acts };
    this.#large = passAnswer(context, this, first, resume);
    return this.#large;
  }

  #sink(): ResultSink | undefined {
    return this.#plan.into?.exchange.largeResult?.();
  }

  /** The result went by. */
  passed(result: PassedResult): void {
    const head = this.#head as ReplyHead;
    const bytes = PASSED_PAYLOAD.bytes();
    this.#succeed({ kind: 'answer', head, id: this.#plan.id, member: 'result', bytes, passed: result });
  }

  onFailure(failure: ReplyFailure): void {
    const { failures } = this.#context;
    if (failure.kind === 'too-large') this.fail(failures.tooLarge(this.#acts));
    else if (failure.kind === 'encoded') {
      this.fail(failures.protocol('It sent an encoded answer, which was not asked for.', this.#acts));
    } else if (failure.kind === 'broken') this.#onBroken(failure.cause);
    else if (this.#sent) this.#onBroken(failure.cause);
    else this.fail(failures.unreachable(failure.cause));
  }

  #start(): void {
    const { until, timeout } = this.#plan;
    const endListening = whenAborted(until, this.#onAborted);
    if (this.#settled) return;
    this.#endListening = endListening;
    if (timeout !== undefined) {
      this.#deadline = new CallDeadline(this.#context.clock, timeout, () => {
        this.#giveUp(this.#context.failures.timeout(this.#acts && this.#wasSent()));
      });
    }
    this.#reader = this.#context.link.send(this.#plan.request, this);
  }

  #take(bytes: Uint8Array): void {
    try {
      const parts = splitMessage(bytes);
      if (parts.method === undefined) this.#takeAnswer(parts, bytes);
      else {
        if (this.#plan.openEnded === true) this.#deadline?.end();
        this.#plan.onMessage(parts, bytes);
      }
    } catch (thrown) {
      const status = this.#head?.status ?? 200;
      if (!isSuccess(status)) this.#succeed({ kind: 'refused', status });
      else {
        this.fail(
          isHostlerError(thrown) && thrown.code.startsWith('UPSTREAM_')
            ? thrown
            : this.#context.failures.protocol('Its message is not valid JSON-RPC.', this.#acts, thrown),
        );
      }
    }
  }

  #takeAnswer({ id, result, error }: MessageParts, bytes: Uint8Array): void {
    const head = this.#head as ReplyHead;
    const span = result ?? error;
    const member = result === undefined ? 'error' : 'result';
    if (span === undefined || (result !== undefined && error !== undefined)) throw new Error('no result, or two');
    const isOurs = id === this.#plan.id;
    // A server that could not read the id says so with null, which only a refusal may do.
    if (!isOurs && !(id === undefined && member === 'error')) throw new Error('the id is not that of the request');
    if (isRefusal(head.status, isOurs)) this.#succeed({ kind: 'refused', status: head.status });
    else if (member === 'result' && !isSuccess(head.status)) throw new Error('a result with an error status');
    else this.#succeed({ kind: 'answer', head, id, member, bytes: bytes.subarray(span.start, span.end) });
  }

  #onBroken(cause: Error | undefined): void {
    const lastEventId = this.#lastEventId;
    if (this.#plan.resume === undefined || lastEventId === undefined || this.#resumes >= MAX_RESUMES) {
      this.fail(this.#context.failures.broken(cause, this.#acts));
      return;
    }
    // Source: MCP 2025-11-25, basic/transports: the server may end the stream at any time; `retry` is to be respected.
    this.#resumes++;
    const request = this.#plan.resume(lastEventId);
    this.#stopPause = this.#context.clock.after(this.#retry, () => {
      this.#reader = this.#context.link.send(request, this);
    });
  }

  #onResumeRefused(status: number): void {
    if (status >= 500) this.#onBroken(undefined);
    else this.#succeed({ kind: 'refused', status, wasTaken: true });
  }

  readonly #onAborted = (reason: unknown): void => this.#giveUp(reason);

  #giveUp(reason: unknown): void {
    const sent = this.#wasSent();
    this.fail(reason);
    if (sent) this.#plan.onGivenUp?.();
  }

  #wasSent(): boolean {
    return this.#sent || this.#reader?.sent === true;
  }

  #succeed(reply: CallReply): void {
    if (this.#settled) return;
    this.#finish();
    this.#reader?.release();
    this.#outcome.resolve(reply);
  }

  #finish(): void {
    this.#settled = true;
    this.#deadline?.end();
    this.#stopPause?.();
    this.#endListening?.();
    this.#plan.onSettled?.();
  }
}

/** Whether an error message with this status says that the request as such was turned away, not what it came to. */
function isRefusal(status: number, isOurs: boolean): boolean {
  if (status === 401) return true;
  return !isOurs && (status === 403 || status === 408 || status === 429 || status >= 500);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Milliseconds before a stream is taken up again when the server named none. */
const DEFAULT_RETRY = 1_000;
/** A server that says `retry: 0` shall not make us spin. */
const LEAST_RETRY = 20;
/** Attempts in a row without a new event. */
const MAX_RESUMES = 5;
