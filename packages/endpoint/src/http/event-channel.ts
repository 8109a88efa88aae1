import type { Logger } from '@hostler/kernel';
import { eventBytes, keepAliveText, onOneLine } from '@hostler/protocol';
import type { Outlet } from '../core/reply.ts';
import type { EndpointLimits } from '../limits.ts';
import type { HttpResponse } from './http-messages.ts';
import type { LargeOutlet } from './large-reply.ts';
import type { Pulse, Pulsed } from './pulse.ts';
import type { HeadLines } from './send-json.ts';
import { WriteWatch } from './write-watch.ts';

export interface ChannelParts {
  readonly pulse: Pulse;
  readonly log: Logger;
  readonly limits: EndpointLimits;
}

export interface EventChannelOptions {
  readonly headers?: HeadLines;
  /** What the stream begins with, as it stands on the wire. */
  readonly first?: string;
  /** Bytes that may wait for a slow reader; `streamBytes` by default. */
  readonly maxWaiting?: number;
  /** Called once, however it ended. */
  onEnd?(): void;
}

/** A response that is a stream of server-sent events. It lives until `end`, or until its reader goes away or is too slow. */
export class EventChannel implements Outlet, Pulsed {
  readonly #parts: ChannelParts;
  readonly #response: HttpResponse;
  readonly #options: EventChannelOptions;
  readonly #watch: WriteWatch;
  #lastWrite: number;
  #ended = false;
  /** Within an event that is written in pieces, where nothing else may stand. */
  #isWithin = false;

  constructor(parts: ChannelParts, response: HttpResponse, options: EventChannelOptions = {}) {
    this.#parts = parts;
    this.#response = response;
    this.#options = options;
    this.#watch = new WriteWatch(response, parts.limits.stallTimeout);
    this.#lastWrite = parts.pulse.now();
    response.writeHead(200, {
      ...options.headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      // nginx would hold events back until its buffer is full.
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    response.once('close', () => this.#onClose());
    if (options.first !== undefined) this.#write(Buffer.from(options.first));
    parts.pulse.add(this);
  }

  send(message: Uint8Array): boolean {
    if (this.#ended || this.#isWithin) return false;
    if (this.#response.writableLength > (this.#options.maxWaiting ?? this.#parts.limits.streamBytes)) {
      this.#cutOff('a reader of an event stream is too slow');
      return false;
    }
    this.#write(eventBytes(message));
    return true;
  }

  /** Begins the last event, of which the message comes in pieces. @returns undefined when the stream has ended */
  openLarge(): LargeOutlet | undefined {
    if (this.#ended) return undefined;
    this.#isWithin = true;
    this.#write(Buffer.from('event: message\ndata: '));
    return {
      write: (bytes) => this.#write(onOneLine(bytes)),
      end: () => {
        this.#write(Buffer.from('\n\n'));
        this.end();
      },
    };
  }

  end(): void {
    if (!this.#markEnded()) return;
    this.#response.end();
  }

  onPulse(now: number): void {
    if (this.#watch.isStalled(now)) this.#cutOff('a reader of an event stream takes nothing');
    else if (!this.#ended && now - this.#lastWrite >= this.#parts.limits.keepAlive) this.keepAlive();
  }

  keepAlive(): void {
    if (!this.#ended && !this.#isWithin && this.#response.writableLength === 0) this.#write(Buffer.from(keepAliveText));
  }

  #write(bytes: Uint8Array): boolean {
    this.#lastWrite = this.#parts.pulse.now();
    this.#watch.count(bytes.length);
    return this.#response.write(bytes);
  }

  #cutOff(problem: string): void {
    this.#parts.log.warn({ waiting: this.#response.writableLength }, problem);
    this.#markEnded();
    this.#response.destroy();
  }

  #onClose(): void {
    this.#markEnded();
    this.#parts.pulse.delete(this);
  }

  /** @returns whether it had not ended before. */
  #markEnded(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#options.onEnd?.();
    return true;
  }
}
