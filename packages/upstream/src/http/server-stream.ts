import type { Clock, Logger } from '@hostler/kernel';
import type { StreamEvent } from '@hostler/protocol';
import { growingPause, LONGEST_PAUSE } from '../growing-pause.ts';
import type { HttpRequest, Link } from './link.ts';
import type { ReplyHead, ReplyReader } from './reply-reader.ts';

export interface ServerStreamOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Logger;
  readonly server: string;
  /** The GET; with `Last-Event-ID` when a stream is taken up again. */
  request(lastEventId: string | undefined): HttpRequest;
  onMessage(bytes: Uint8Array): void;
  /** The server does not know the session any more; the stream stays closed. */
  onSessionLost(): void;
  /** The stream is open again, but not from where it broke: what was said in between is lost. */
  onGap(): void;
  /** The server refused the credentials; the stream is tried again. */
  onUnauthorized(): void;
}

/** Milliseconds. */
const ANSWER_WAIT = 250;
/** A server that says `retry: 0` shall not make us spin. */
const LEAST_PAUSE = 20;
/** A stream that lived this long ended for reasons of its own: the pauses start anew. */
const HEALTHY = 10_000;

/**
 * The stream on which a legacy server speaks outside any call. It is opened again with growing pauses; a server that
 * offers none (405) is left alone.
 */
export class ServerStream {
  readonly #options: ServerStreamOptions;
  readonly #answered = Promise.withResolvers<void>();
  #stopped = false;
  #reader: ReplyReader | undefined;
  #stopPause: (() => void) | undefined;
  #everOpen = false;
  #openSince: number | undefined;
  #failures = 0;
  #retry: number | undefined;
  #lastEventId: string | undefined;

  constructor(options: ServerStreamOptions) {
    this.#options = options;
    this.#open();
  }

  /**
   * Settles once the server has opened or refused the stream, or has taken too long: what it says before that is lost
   * with most servers, and some answer only with their first event.
   */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  stop(): void {
    this.#stopped = true;
    this.#answered.resolve();
    this.#stopPause?.();
    this.#reader?.stop();
  }

  #open(): void {
    const { link, clock, log, server } = this.#options;
    this.#openSince = undefined;
    const stopTimer = clock.after(ANSWER_WAIT, () => this.#answered.resolve());
    const onAnswered = (): void => {
      stopTimer();
      this.#answered.resolve();
    };
    this.#reader = link.send(this.#options.request(this.#lastEventId), {
      onHead: (head) => {
        onAnswered();
        if (!isOpen(head)) return;
        if (this.#everOpen && this.#lastEventId === undefined) this.#options.onGap();
        this.#everOpen = true;
        this.#openSince = clock.now();
      },
      onEvent: (event) => this.#onEvent(event),
      onEnd: (head) => (isOpen(head) ? this.#onBroken() : this.#onRefused(head.status)),
      onFailure: (failure) => {
        onAnswered();
        if (failure.kind === 'too-large') log.warn({ server }, 'server stream: an event was too large and is lost');
        this.#onBroken();
      },
    });
  }

  #onEvent({ id, retry, data, event }: StreamEvent): void {
    if (retry !== undefined) this.#retry = retry;
    if (id !== undefined) this.#lastEventId = id;
    this.#failures = 0;
    if (data.length > 0 && event === 'message') this.#options.onMessage(data);
  }

  #onBroken(): void {
    if (this.#stopped) return;
    const { clock } = this.#options;
    if (this.#openSince !== undefined && clock.now() - this.#openSince > HEALTHY) this.#failures = 0;
    const pause = pauseBefore(this.#failures, this.#retry);
    this.#failures++;
    this.#stopPause = clock.after(pause, () => this.#open());
  }

  #onRefused(status: number): void {
    if (this.#stopped) return;
    const { log, server } = this.#options;
    if (status === 404 && this.#everOpen) {
      this.#stopped = true;
      return this.#options.onSessionLost();
    }
    if (status === 401) this.#options.onUnauthorized();
    if (status >= 500 || status === 401 || status === 409 || status === 429) return this.#onBroken();
    if (this.#everOpen && this.#lastEventId !== undefined) {
      // It may have forgotten the event: what came in between is lost, what comes next need not be.
      this.#lastEventId = undefined;
      return this.#onBroken();
    }
    log.debug({ server, status }, 'server stream: the server offers none');
    this.#stopped = true;
  }
}

function pauseBefore(failures: number, retry: number | undefined): number {
  if (failures === 0 && retry !== undefined) return Math.min(Math.max(retry, LEAST_PAUSE), LONGEST_PAUSE);
  return growingPause(failures, Math.random);
}

function isOpen({ status, form }: ReplyHead): boolean {
  return status === 200 && form === 'events';
}
