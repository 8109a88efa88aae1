import type { Clock, Logger, Notification } from '@hostler/kernel';
import { enclosingUris } from '@hostler/protocol';
import type { WatchedList } from '@hostler/protocol';
import type { Connection } from '../connection.ts';
import { upstreamErrors } from '../errors.ts';
import { ListenStream } from './listen-stream.ts';
import type { StreamEnd } from './listen-stream.ts';
import { Overlap } from './overlap.ts';
import { Reopening } from './reopening.ts';
import type { Acceptance, SubscriptionLeg } from './subscription-leg.ts';

export interface ModernLegOptions {
  readonly server: string;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** Milliseconds for the server to acknowledge a subscription. */
  readonly timeout: number;
  readonly lists: readonly WatchedList[];
  readonly onNotification: (notification: Notification) => void;
}

/**
 * One stream for everything that is watched on a connection. A stream cannot be changed, so whenever somebody wants
 * another resource a second one is opened, and the first is closed only when the second has taken over (`Overlap`).
 */
export class ModernLeg implements SubscriptionLeg {
  readonly #options: ModernLegOptions;
  readonly #wanted = new Set<string>();
  /** Who waits for the server's word, by resource. */
  readonly #waiting = new Map<string, ReturnType<typeof Promise.withResolvers<Acceptance>>>();
  readonly #reopening: Reopening;
  /** Whether, and which resources, nobody listened to for a while. */
  readonly #missed = new Set<string>();
  #missedLists = false;
  #current: ListenStream | undefined;
  #next: ListenStream | undefined;
  #overlap: Overlap | undefined;
  #cancelRetry: (() => void) | undefined;
  #isRefused = false;
  #isStopped = false;
  #isDue = false;

  constructor(options: ModernLegOptions) {
    this.#options = options;
    this.#reopening = new Reopening(options.clock, options.random);
    if (options.lists.length > 0) this.#sync();
  }

  add(uri: string): Promise<Acceptance> {
    const waiting = this.#waiting.get(uri) ?? Promise.withResolvers<Acceptance>();
    this.#wanted.add(uri);
    this.#waiting.set(uri, waiting);
    this.#isRefused = false;
    // Somebody waits: what the pause was for is worth a try now.
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#syncSoon();
    return waiting.promise;
  }

  remove(uri: string): void {
    this.#wanted.delete(uri);
    this.#missed.delete(uri);
    this.#waiting.get(uri)?.resolve({ accepted: false });
    this.#waiting.delete(uri);
    this.#syncSoon();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry?.();
    this.#overlap?.end();
    this.#current?.stop();
    this.#next?.stop();
    this.#failWaiting([...this.#waiting.keys()], this.#unavailable());
  }

  /** What is wanted in one turn goes into one stream. */
  #syncSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#sync();
    });
  }

  /** Opens what is missing; one change at a time. What is wanted meanwhile waits for the next one. */
  #sync(): void {
    if (this.#isStopped || this.#isRefused || this.#next || this.#cancelRetry) return;
    if (this.#current && isSame(this.#current.uris, this.#wanted)) return this.#settle(this.#current);
    if (this.#options.lists.length === 0 && this.#wanted.size === 0) {
      this.#current?.stop();
      this.#current = undefined;
      return;
    }
    this.#next = this.#open(new Set(this.#wanted));
  }

  #open(uris: ReadonlySet<string>): ListenStream {
    const stream: ListenStream = new ListenStream({
      ...this.#options,
      uris,
      onAcknowledged: () => this.#onAcknowledged(stream),
      onNotification: (notification) => this.#onNotification(stream, notification),
      onEnd: (end) => this.#onEnd(stream, end),
    });
    return stream;
  }

  #onAcknowledged(stream: ListenStream): void {
    this.#reopening.opened();
    this.#settle(stream);
    this.#tellMissed(stream);
    if (!this.#current) return this.#takeOver();
    this.#overlap = new Overlap({ clock: this.#options.clock, onOver: () => this.#takeOver() });
  }

  /** Who waited learns whether the server agreed. */
  #settle(stream: ListenStream): void {
    for (const uri of stream.uris) {
      const accepted = stream.honours(uri);
      if (!accepted) this.#wanted.delete(uri);
      this.#waiting.get(uri)?.resolve({ accepted });
      this.#waiting.delete(uri);
    }
  }

  #takeOver(): void {
    const former = this.#current;
    this.#current = this.#next;
    this.#next = undefined;
    this.#overlap = undefined;
    former?.stop();
    this.#sync();
  }

  #onNotification(stream: ListenStream, notification: Notification): void {
    if (stream === this.#next && this.#overlap && this.#isToldByCurrent(notification)) {
      return this.#overlap.keep(notification);
    }
    if (stream === this.#current || stream === this.#next) this.#options.onNotification(notification);
  }

  #isToldByCurrent({ params }: Notification): boolean {
    const uri = params?.['uri'];
    if (typeof uri !== 'string') return true;
    return enclosingUris(uri).some((candidate) => this.#current?.honours(candidate));
  }

  #onEnd(stream: ListenStream, end: StreamEnd): void {
    if (this.#isStopped) return;
    this.#logEnd(end);
    if (stream === this.#current) return this.#onCurrentEnded(stream);
    this.#next = undefined;
    if (stream.isAcknowledged) this.#onNextEnded(stream);
    else if ('outcome' in end && end.outcome.kind === 'error') this.#onRefused(stream);
    else this.#onNotOpened(stream, end);
  }

  #onCurrentEnded(stream: ListenStream): void {
    this.#current = undefined;
    if (this.#overlap) {
      for (const notification of this.#overlap.end()) this.#options.onNotification(notification);
      return this.#takeOver();
    }
    this.#missedLists = true;
    for (const uri of stream.honoured) this.#missed.add(uri);
    if (!this.#next) this.#retryLater();
  }

  /** It broke before it took over. What the former one tells of was not missed. */
  #onNextEnded(stream: ListenStream): void {
    this.#overlap?.end();
    this.#overlap = undefined;
    for (const uri of stream.honoured) if (!this.#current?.honours(uri)) this.#missed.add(uri);
    this.#retryLater();
  }

  #onNotOpened(stream: ListenStream, end: StreamEnd): void {
    this.#failWaiting(stream.uris, 'error' in end ? end.error : this.#unavailable());
    this.#retryLater();
  }

  #onRefused(stream: ListenStream): void {
    const { log, server } = this.#options;
    log.warn({ server }, 'the server refused a subscription; changes may go unnoticed');
    for (const uri of stream.uris) {
      if (!this.#current?.honours(uri)) this.#wanted.delete(uri);
      this.#waiting.get(uri)?.resolve({ accepted: false });
      this.#waiting.delete(uri);
    }
    // What it refused once it would refuse again: the next attempt waits for somebody to want something else.
    this.#isRefused = isSame(stream.uris, this.#wanted);
    this.#sync();
  }

  #retryLater(): void {
    this.#cancelRetry = this.#options.clock.after(this.#reopening.ended(), () => {
      this.#cancelRetry = undefined;
      this.#sync();
    });
  }

  /** What happened while nobody listened was told to nobody. */
  #tellMissed(stream: ListenStream): void {
    const { lists, onNotification } = this.#options;
    if (this.#missedLists) for (const { method } of lists) onNotification({ method, params: {} });
    this.#missedLists = false;
    for (const uri of this.#missed) {
      if (stream.honours(uri)) onNotification({ method: 'notifications/resources/updated', params: { uri } });
    }
    this.#missed.clear();
  }

  #failWaiting(uris: Iterable<string>, error: unknown): void {
    for (const uri of uris) {
      const waiting = this.#waiting.get(uri);
      if (!waiting) continue;
      this.#waiting.delete(uri);
      this.#wanted.delete(uri);
      waiting.reject(error);
    }
  }

  #logEnd(end: StreamEnd): void {
    const { log, server } = this.#options;
    log.debug({ server, ...('error' in end ? { error: end.error } : {}) }, 'a subscription at the server ended');
  }

  #unavailable(): Error {
    return upstreamErrors.UNAVAILABLE({ details: { server: this.#options.server, mayHaveRun: false } });
  }
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((uri) => other.has(uri));
}
