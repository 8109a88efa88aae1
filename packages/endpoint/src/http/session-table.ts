import { principalOf } from '@hostler/kernel';
import type { Consumer, HostlerError } from '@hostler/kernel';
import { clientErrors } from '../client-errors.ts';
import type { Caller, EndpointParts } from '../core/endpoint-parts.ts';
import { endAtHost, restAtHost } from '../core/open-session.ts';
import { isSameCaller } from '../core/same-caller.ts';
import type { Session } from '../core/session.ts';
import { httpErrors } from '../http-errors.ts';
import type { ConsumerBounds } from '../limits.ts';
import { mostDispensable } from './most-dispensable.ts';

/** The legacy sessions of the HTTP face: bounded, each bound to whom it was opened by, gone when idle for long. */
export class SessionTable {
  readonly #parts: EndpointParts;
  readonly #boundsOf: ((consumer: Consumer) => ConsumerBounds | undefined) | undefined;
  readonly #sessions = new Map<string, Session>();
  /** Of each consumer, by name: not counted anew over all sessions for each one more. */
  readonly #counts = new Map<string, number>();
  /** What ended and resting sessions still hold of the host. */
  readonly #endings = new Set<Promise<void>>();
  #sweeping = false;

  constructor(parts: EndpointParts, boundsOf?: (consumer: Consumer) => ConsumerBounds | undefined) {
    this.#parts = parts;
    this.#boundsOf = boundsOf;
  }

  get size(): number {
    return this.#sessions.size;
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** @throws HTTP_TOO_MANY_SESSIONS when there are as many as there may be, and none that could give way */
  add(session: Session): void {
    this.#makeRoom(session.caller.consumer);
    this.#sessions.set(session.id, session);
    this.#count(session, 1);
    this.#armSweep();
  }

  /**
   * @throws HTTP_SESSION_MISSING without an id; HTTP_SESSION_UNKNOWN for one that does not exist or is another caller's:
   * whoever guesses learns nothing
   */
  find(id: string | string[] | undefined, caller: Caller): Session {
    if (typeof id !== 'string' || id === '') throw httpErrors.SESSION_MISSING();
    const session = this.#sessions.get(id);
    if (session === undefined || !isSameCaller(session.caller, caller)) throw httpErrors.SESSION_UNKNOWN();
    session.caller = caller;
    session.lastUsed = this.#parts.clock.now();
    if (session.isResting) this.#parts.host.wakeSession(session.id);
    session.isResting = false;
    return session;
  }

  end(session: Session, reason: HostlerError = clientErrors.SESSION_ENDED()): void {
    if (!this.#forget(session)) return;
    session.end(reason);
    this.#await(endAtHost(this.#parts, session));
  }

  /**
   * Ends the sessions with a server that is gone: whatever is of its name later is not what they were opened with. Their
   * requests under way are answered first; the server's own grace bounds that.
   */
  endServer(server: string): void {
    for (const session of this.#sessions.values()) {
      const { scope } = session.caller;
      if (scope.kind === 'server' && scope.name === server) this.#await(this.#endWhenIdle(session));
    }
  }

  /** The same for bundles that are there no longer. */
  endBundles(): void {
    for (const session of this.#sessions.values()) {
      const { scope, consumer } = session.caller;
      if (scope.kind === 'server' || scope.bundle === undefined) continue;
      if (!this.#parts.host.has(scope, consumer)) this.#await(this.#endWhenIdle(session));
    }
  }

  /** Ends the sessions of certain consumers, now. */
  endWhere(isOver: (consumer: Consumer) => boolean, reason: HostlerError): void {
    for (const session of this.#sessions.values()) if (isOver(session.caller.consumer)) this.end(session, reason);
  }

  async #endWhenIdle(session: Session): Promise<void> {
    this.#forget(session);
    session.closeOutlet();
    await session.whenIdle();
    session.end(clientErrors.SESSION_ENDED());
    await endAtHost(this.#parts, session);
  }

  /** Ends every session; resolves when the host has let go of them. */
  async close(): Promise<void> {
    for (const session of this.#sessions.values()) this.end(session);
    await Promise.all(this.#endings);
  }

  /** Who has many loses its own first: of a consumer whoever has the most of its sessions, of all the consumer that has. */
  #makeRoom(consumer: Consumer): void {
    const { sessions } = this.#parts.limits;
    const most = this.#mostOf(consumer);
    if ((this.#counts.get(consumer.name) ?? 0) >= most && most < sessions) {
      const own = [...this.#sessions.values()].filter(({ caller }) => caller.consumer.name === consumer.name);
      return this.#giveWay(mostDispensable(own, consumer, principalOf));
    }
    if (this.#sessions.size < sessions) return;
    this.#giveWay(mostDispensable(this.#sessions.values(), consumer, ({ name }) => name));
  }

  #forget(session: Session): boolean {
    if (!this.#sessions.delete(session.id)) return false;
    this.#count(session, -1);
    return true;
  }

  /** A session's consumer has the same name for as long as it is there: see `isSameCaller`. */
  #count({ caller }: Session, step: 1 | -1): void {
    const { name } = caller.consumer;
    const count = (this.#counts.get(name) ?? 0) + step;
    if (count === 0) this.#counts.delete(name);
    else this.#counts.set(name, count);
  }

  #mostOf(consumer: Consumer): number {
    const { sessions, sessionsPerConsumer } = this.#parts.limits;
    return this.#boundsOf?.(consumer)?.sessions ?? (consumer.identity === undefined ? sessions : sessionsPerConsumer);
  }

  #giveWay(session: Session | undefined): void {
    if (session === undefined) throw httpErrors.TOO_MANY_SESSIONS();
    this.end(session);
  }

  /**
   * Many clients leave without a word. Their servers go soon, since each may be a process; the session itself stays longer,
   * because a client that comes back after a sleep finds it, while most cannot open a new one.
   */
  #tidy(session: Session): void {
    const { clock, limits } = this.#parts;
    const silent = clock.now() - session.lastUsed;
    if (silent >= limits.sessionIdle) this.end(session);
    else if (silent >= limits.sessionRest && !session.isResting) {
      session.isResting = true;
      this.#await(restAtHost(this.#parts, session));
    }
  }

  #await(work: Promise<void>): void {
    const ending = work.finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  #armSweep(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    const { clock, limits } = this.#parts;
    clock.after(limits.sessionIdle / SWEEPS_PER_TERM, () => this.#sweep(this.#sessions.values()));
  }

  /** Not all in one turn: for each session that rests, every server is asked. */
  #sweep(left: Iterator<Session>): void {
    for (let seen = 0; seen < SWEPT_AT_ONCE; seen++) {
      const { value: session, done } = left.next();
      if (done === true) {
        this.#sweeping = false;
        if (this.#sessions.size > 0) this.#armSweep();
        return;
      }
      if (session.isIdle) this.#tidy(session);
    }
    this.#parts.clock.after(1, () => this.#sweep(left));
  }
}

const SWEPT_AT_ONCE = 200;

const SWEEPS_PER_TERM = 30;
