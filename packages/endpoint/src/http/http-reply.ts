import type { ServerResponse } from 'node:http';
import type { CountedRate } from '@hostler/kernel';
import type { MessageId } from '@hostler/protocol';
import { clientErrors } from '../client-errors.ts';
import { errorAnswer } from '../core/answers.ts';
import type { EndpointParts } from '../core/endpoint-parts.ts';
import type { Answer, Reply } from '../core/reply.ts';
import type { AcceptedTypes } from './accepted-types.ts';
import { addRateLimit } from './add-rate-limit.ts';
import { EventChannel } from './event-channel.ts';
import type { ChannelParts } from './event-channel.ts';
import type { Pulsed } from './pulse.ts';
import { sendJson } from './send-json.ts';
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
  readonly #response: ServerResponse;
  readonly #options: HttpReplyOptions;
  readonly #startedAt: number;
  #channel: EventChannel | undefined;
  #watch: WriteWatch | undefined;
  #done = false;

  constructor(parts: ReplyParts, response: ServerResponse, options: HttpReplyOptions) {
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
    addRateLimit(this.#response, rate);
  }

  send(message: Uint8Array): boolean {
    if (this.#done || !this.#options.accepts.stream) return false;
    return this.#openChannel().send(message);
  }

  finish(answer: Answer): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#channel === undefined && (this.#options.accepts.json || answer.status !== 200)) {
      this.#watch = new WriteWatch(this.#response, this.#parts.limits.stallTimeout);
      this.#watch.count(sendJson(this.#response, answer, answer.status === 200 ? this.#options.headers : undefined));
      return;
    }
    const channel = this.#openChannel();
    channel.send(Buffer.concat(answer.message));
    channel.end();
  }

  /** An HTTP response must come to an end all the same: an empty stream says nothing, where a stream is understood. */
  drop(): void {
    if (this.#done) return;
    if (this.#channel === undefined && !this.#options.accepts.stream) {
      this.finish(errorAnswer(this.#parts, clientErrors.CANCELLED(), { id: this.id, era: 'legacy' }));
      return;
    }
    this.#done = true;
    if (!this.#response.destroyed) this.#openChannel().end();
  }

  onPulse(now: number): void {
    if (this.#watch?.isStalled(now)) {
      this.#parts.log.warn({ waiting: this.#response.writableLength }, 'a reader of an answer takes nothing');
      this.#response.destroy();
    }
    if (this.#done || this.#channel !== undefined || !this.#options.accepts.stream) return;
    if (now - this.#startedAt >= this.#parts.limits.streamAfter) this.#openChannel().keepAlive();
  }

  #openChannel(): EventChannel {
    const { headers = {} } = this.#options;
    this.#channel ??= new EventChannel(this.#parts, this.#response, { headers });
    return this.#channel;
  }

  #onClose(): void {
    this.#parts.pulse.delete(this);
    if (this.#done) return;
    this.#done = true;
    this.#options.onGone?.();
  }
}
