import { isHostlerError } from '@hostler/kernel';
import type { Clock, Logger } from '@hostler/kernel';
import type { Connection } from './connection.ts';
import type { UpstreamLimits } from './limits.ts';
import { ownRequest } from './subscriptions/own-request.ts';

export interface PulseOptions {
  readonly server: string;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: Pick<UpstreamLimits, 'silence' | 'pingTimeout'>;
  /** Whether calls are under way. */
  readonly isBusy: () => boolean;
  /** It hangs: nothing more is to be expected of it. */
  readonly onWedged: () => void;
}

/**
 * Tells a server that hangs from one that is busy. A server that is silent during calls is pinged; one that does not
 * answer that either is in trouble, but left alone as long as its calls have time: it may do long work in one piece. When
 * a call has run out of time and another ping stays without answer, it is taken to hang. Whatever it says in between is a
 * sign of life.
 */
export class Pulse {
  readonly #options: PulseOptions;
  readonly #lifetime = new AbortController();
  #cancelTimer: (() => void) | undefined;
  #heardBefore = 0;
  #isExamining = false;
  #isSilent = false;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Whether it answered no ping when it was last asked. */
  get isSilent(): boolean {
    return this.#isSilent && this.#heard === this.#heardBefore;
  }

  /** A call begins. One timer however many there are. */
  watch(): void {
    if (this.#cancelTimer || this.#lifetime.signal.aborted) return;
    this.#heardBefore = this.#heard;
    const { clock, limits } = this.#options;
    this.#cancelTimer = clock.after(limits.silence, () => void this.#look());
  }

  /** A call ran out of time. Never rejects. */
  async examine(): Promise<void> {
    const { log, server, onWedged } = this.#options;
    if (this.#isExamining || this.#lifetime.signal.aborted) return;
    this.#isExamining = true;
    const before = this.#heard;
    const answers = await this.#ping();
    this.#isExamining = false;
    if (answers || this.#heard !== before || this.#lifetime.signal.aborted) return;
    log.warn({ server }, 'a call ran out of time and the server answers no ping: it hangs and is started again');
    onWedged();
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#lifetime.abort(new DOMException('The connection ended', 'AbortError'));
  }

  get #heard(): number {
    return this.#options.connection.heard ?? 0;
  }

  async #look(): Promise<void> {
    const { isBusy } = this.#options;
    if (isBusy() && this.#heard === this.#heardBefore) {
      const before = this.#heard;
      this.#isSilent = !(await this.#ping()) && this.#heard === before;
    }
    this.#cancelTimer = undefined;
    if (isBusy()) this.watch();
  }

  /** Whether it answered, with whatever. A ping that could not be sent tells nothing, so it counts as answered. */
  async #ping(): Promise<boolean> {
    const { connection, server, limits } = this.#options;
    const method = connection.era === 'legacy' ? 'ping' : 'server/discover';
    try {
      await connection.request(
        ownRequest({ server, method, params: {}, signal: this.#lifetime.signal }),
        limits.pingTimeout,
      );
      return true;
    } catch (error) {
      return !isHostlerError(error) || error.code !== 'UPSTREAM_TIMEOUT';
    }
  }
}
