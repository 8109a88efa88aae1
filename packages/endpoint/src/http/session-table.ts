import type { Consumer, HostlerError } from '@hostler/kernel';
import { clientErrors } from '../client-errors.ts';
import type { Caller, EndpointParts } from '../core/endpoint-parts.ts';
import { endAtHost, restAtHost } from '../core/open-session.ts';
import { isSameCaller } from '../core/same-caller.ts';
import type { Session } from '../core/session.ts';
import { httpErrors } from '../http-errors.ts';

/** The legacy sessions of the HTTP face: bounded, each bound to whom it was opened by, gone when idle for long. */
export class SessionTable {
  readonly #parts: EndpointParts;
  readonly #sessions = new Map<string, Session>();
  /** What ended and resting sessions still hold of the host. */
  readonly #endings = new Set<Promise<void>>();
  #sweeping = false;

  constructor(parts: EndpointParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#sessions.size;
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** @throws HTTP_TOO_MANY_SESSIONS when the table is full of sessions that are in use */
  add(session: Session): void {
    if (this.#sessions.size >= this.#parts.limits.sessions) this.#makeRoom(session.caller);
    this.#sessions.set(session.id, session);
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
    if (!this.#sessions.delete(session.id)) return;
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

  /** Ends the sessions of certain consumers, now. */
  endWhere(isOver: (consumer: Consumer) => boolean, reason: HostlerError): void {
    for (const session of this.#sessions.values()) if (isOver(session.caller.consumer)) this.end(session, reason);
  }

  async #endWhenIdle(session: Session): Promise<void> {
    this.#sessions.delete(session.id);
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

  /** The longest idle session goes, the caller's own first: who opens many hurts themselves before others. */
  #makeRoom({ consumer }: Caller): void {
    const idle = [...this.#sessions.values()].filter(isIdle).sort((one, other) => one.lastUsed - other.lastUsed);
    const victim = idle.find(({ caller }) => caller.consumer.name === consumer.name) ?? idle[0];
    if (victim === undefined) throw httpErrors.TOO_MANY_SESSIONS();
    this.end(victim);
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
    clock.after(limits.sessionIdle / SWEEPS_PER_TERM, () => {
      this.#sweeping = false;
      for (const session of this.#sessions.values()) if (isIdle(session)) this.#tidy(session);
      if (this.#sessions.size > 0) this.#armSweep();
    });
  }
}

const SWEEPS_PER_TERM = 30;

function isIdle(session: Session): boolean {
  return session.ready && !session.hasOutlet && session.inFlight.size === 0;
}
