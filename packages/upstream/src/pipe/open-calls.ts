import { RequestTable } from '@hostler/protocol';
import type { Exchange, HostlerError, Json, Payload } from '@hostler/kernel';
import type { CallDeadline } from './call-deadline.ts';

/** What a server answered: the `result` or `error` member as it wrote it. */
export interface Answer {
  readonly member: 'result' | 'error';
  readonly payload: Payload;
}

/** A request in flight. */
export interface OpenCall {
  readonly id: number;
  readonly method: string;
  /** Absent for the connection's own requests: the handshake. */
  readonly exchange?: Exchange;
  /** The client's own token, to be given back on progress. */
  readonly progressToken?: Json;
  /** Absent: it may take as long as it likes. */
  readonly deadline?: CallDeadline;
  resolve(answer: Answer): void;
  reject(error: HostlerError): void;
}

/** The requests in flight on one connection, in the order they were sent. */
export class OpenCalls {
  #calls = new RequestTable<OpenCall>();
  #listens = 0;
  readonly #onTaken: () => void;

  /** @param onTaken a request is no longer in flight */
  constructor(onTaken: () => void) {
    this.#onTaken = onTaken;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** How many of them are subscriptions. */
  get listens(): number {
    return this.#listens;
  }

  add(call: OpenCall): void {
    if (call.method === LISTEN) this.#listens += 1;
    this.#calls.set(call.id, call);
  }

  find(id: unknown): OpenCall | undefined {
    return typeof id === 'number' ? this.#calls.get(id) : undefined;
  }

  /** Removes and returns it; undefined when nobody waits for it any more. */
  take(id: unknown): OpenCall | undefined {
    const call = this.find(id);
    if (call && this.#calls.delete(call.id)) {
      if (call.method === LISTEN) this.#listens -= 1;
      this.#onTaken();
    }
    return call;
  }

  takeAll(): OpenCall[] {
    const calls = this.#calls.values();
    this.#calls = new RequestTable();
    this.#listens = 0;
    this.#onTaken();
    return calls;
  }

  /** The calls of clients that do something, latest first: a subscription only waits, and nothing is said because of it. */
  active(): OpenCall[] {
    return this.#calls
      .values()
      .filter(({ exchange, method }) => exchange !== undefined && method !== LISTEN)
      .reverse();
  }
}

/** The one request that lasts as long as its client wishes. Source: MCP 2026-07-28, basic/utilities/subscriptions. */
export const LISTEN = 'subscriptions/listen';
