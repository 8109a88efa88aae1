import type { CountedRate, ResultSink } from '@hostler/kernel';
import type { MessageId } from '@hostler/protocol';
import { clientErrors } from '../client-errors.ts';
import { errorAnswer } from '../core/answers.ts';
import type { EndpointParts } from '../core/endpoint-parts.ts';
import type { Answer, Reply } from '../core/reply.ts';
import type { AcceptedTypes } from './accepted-types.ts';
import { rateLimitHeaders } from './add-rate-limit.ts';
import { EventChannel } from './event-channel.ts';
import type { ChannelParts } from './event-channel.ts';
import type { HttpResponse } from './http-messages.ts';
import { LargeReply, openJson } from './large-reply.ts';
import type { LargeOutlet, LargeRequest } from './large-reply.ts';
import type { Pulsed } from './pulse.ts';
import { sendJson } from './send-json.ts';
import type { HeadLines } from './send-json.ts';
import { WriteWatch } from './write-watch.ts';

type ReplyParts = ChannelParts & Pick<EndpointParts, 'redact'>;

export interface HttpReplyOptions {
  readonly id: MessageId;
  readonly accepts: AcceptedTypes;
  /** Headers of the answer in either form, unless it is a refusal. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The client went away before the answer was out. */
  onGone?(): void;
}

/**
 * The response to one POST. It starts undecided: an answer that comes first is one JSON body; a message that comes first,
 * or a long wait, makes it an event stream of which the answer is the last event.
 */
export class HttpReply implements Reply, Pulsed {
  readonly id: MessageId;
  readonly #parts: ReplyParts;
  readonly #response: HttpResponse;
  readonly #options: HttpReplyOptions;
  readonly #startedAt: number;
  #channel: EventChannel | undefined;
  #watch: WriteWatch | undefined;
  #rates: readonly CountedRate[] | undefined;
  /** Present when the result is passed on while it arrives: then nothing else is said. */
  #large: LargeReply | undefined;
  #done = false;

  constructor(parts: ReplyParts, response: HttpResponse, options: HttpReplyOptions) {
    this.id = options.id;
    this.#parts = parts;
    this.#response = response;
    this.#options = options;
    this.#startedAt = parts.pulse.now();
    response.on('close', () => this.#onClose());
    parts.pulse.add(this);
  }

  get streaming(): boolean {
    return this.#channel !== undefined && !this.#done;
  }

  counted(rate: CountedRate): void {
    const others = this.#rates?.filter(({ name }) => name !== rate.name);
    this.#rates = others === undefined ? [rate] : [...others, rate];
  }

  large(request: LargeRequest): ResultSink {
    const { id } = this;
    return new LargeReply({
      id,
      request,
      response: this.#response,
      patience: this.#parts.limits.stallTimeout,
      now: () => this.#parts.pulse.now(),
      open: (reply) => this.#openLarge(reply),
    });
  }

  send(message: Uint8Array): boolean {
    if (this.#done || this.#large !== undefined || !this.#options.accepts.stream) return false;
    return this.#openChannel().send(message);
  }

  finish(answer: Answer): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#large !== undefined) return this.#endLarge(this.#large);
    if (this.#channel === undefined && (this.#options.accepts.json || answer.status !== 200)) {
      this.#watch = new WriteWatch(this.#response, this.#parts.limits.stallTimeout);
      this.#watch.count(sendJson(this.#response, answer, this.#headers(answer.status === 200)));
      return;
    }
    const channel = this.#openChannel();
    channel.send(Buffer.concat(answer.message));
    channel.end();
  }

  /** An HTTP response must come to an end all the same: an empty stream says nothing, where a stream is understood. */
  drop(): void {
    if (this.#done) return;
    if (this.#large !== undefined) {
      this.#done = true;
      return this.#endLarge(this.#large);
    }
    if (this.#channel === undefined && !this.#options.accepts.stream) {
      this.finish(errorAnswer(this.#parts, clientErrors.CANCELLED(), { id: this.id, era: 'legacy' }));
      return;
    }
    this.#done = true;
    if (!this.#response.destroyed) this.#openChannel().end();
  }

  onPulse(now: number): void {
    if (this.#watch?.isStalled(now) || this.#large?.isTooSlow(now)) {
      this.#parts.log.warn({ waiting: this.#response.writableLength }, 'a reader of an answer takes nothing');
      this.#response.destroy();
    }
    if (this.#done || this.#large !== undefined) return;
    if (this.#channel !== undefined || !this.#options.accepts.stream) return;
    if (now - this.#startedAt >= this.#parts.limits.streamAfter) this.#openChannel().keepAlive();
  }

  #openLarge(reply: LargeReply): LargeOutlet | undefined {
    const { accepts } = this.#options;
    if (this.#done || this.#large !== undefined || this.#response.destroyed) return undefined;
    this.#large = reply;
    if (this.#channel !== undefined || !accepts.json) return this.#openChannel().openLarge();
    this.#watch = new WriteWatch(this.#response, this.#parts.limits.stallTimeout);
    return openJson(this.#response, this.#watch, this.#headers(true));
  }

  /** What was begun cannot be taken back: a client must see that the rest is missing. */
  #endLarge(reply: LargeReply): void {
    if (reply.isOver || this.#response.destroyed) return;
    this.#parts.log.warn({}, 'an answer broke off after its beginning was passed on');
    this.#response.destroy();
  }

  #openChannel(): EventChannel {
    this.#channel ??= new EventChannel(this.#parts, this.#response, { headers: this.#headers(true) ?? {} });
    return this.#channel;
  }

  #headers(isWhole: boolean): HeadLines | undefined {
    const own = isWhole ? this.#options.headers : undefined;
    return this.#rates === undefined ? own : { ...own, ...rateLimitHeaders(this.#rates) };
  }

  #onClose(): void {
    this.#parts.pulse.delete(this);
    // A large result is out before its call has ended.
    if (this.#done || this.#large?.isOver === true) return;
    this.#done = true;
    this.#options.onGone?.();
  }
}
