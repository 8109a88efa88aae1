import type { Clock } from '@hostler/kernel';
import { protocolErrors } from '@hostler/protocol';
import { matchQuestions } from './question-match.ts';

export interface CallQuestionsOptions<Call> {
  readonly clock: Clock;
  /** The calls in flight during which the server may ask, oldest first. */
  readonly calls: () => readonly Call[];
  /** Stops the time of a call until the returned function is called. */
  readonly hold: (call: Call) => () => void;
}

interface Waiting<Call> {
  /** In flight when the question came. */
  readonly calls: readonly Call[];
  resolve(call: Call): void;
  reject(reason: unknown): void;
}

/** Milliseconds for which a question waits until it is clear whose it is. */
const PATIENCE = 5 * 60_000;

/** Finds the calls of questions that name none, on a connection that serves more than one client. */
export class CallQuestions<Call> {
  readonly #options: CallQuestionsOptions<Call>;
  readonly #waiting = new Set<Waiting<Call>>();
  /** How many questions are open at each call. */
  readonly #asked = new Map<Call, number>();

  constructor(options: CallQuestionsOptions<Call>) {
    this.#options = options;
  }

  /**
   * The call that a question belongs to, as soon as that is clear. The time of all calls that may be meant stands still
   * until then.
   * @throws PROTOCOL_METHOD_NOT_FOUND when the server asks in no call; PROTOCOL_INVALID_REQUEST when it stays unclear whose
   * question it is; or the signal's reason
   */
  async find(signal: AbortSignal): Promise<Call> {
    const { calls, clock, hold } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Call>();
    const waiting: Waiting<Call> = { calls: calls(), resolve, reject };
    const onAbort = (): void => reject(signal.reason);
    const resumes = waiting.calls.map(hold);
    const stopTimer = clock.after(PATIENCE, () => reject(unclear()));
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.add(waiting);
    this.changed();
    try {
      return await promise;
    } finally {
      this.#waiting.delete(waiting);
      stopTimer();
      signal.removeEventListener('abort', onAbort);
      for (const resume of resumes) resume();
    }
  }

  /** A question is open at this call until the returned function is called. */
  open(call: Call): () => void {
    this.#asked.set(call, (this.#asked.get(call) ?? 0) + 1);
    return () => {
      const left = (this.#asked.get(call) ?? 0) - 1;
      if (left > 0) this.#asked.set(call, left);
      else this.#asked.delete(call);
      this.changed();
    };
  }

  /** A call ended, or was answered: a question that waits may have become clear. */
  changed(): void {
    if (this.#waiting.size === 0) return;
    const inFlight = new Set(this.#options.calls());
    const waiting = [...this.#waiting];
    const left = waiting.map(({ calls }) => calls.filter((call) => inFlight.has(call)));
    const matches = matchQuestions(left, (call) => this.#asked.has(call));
    for (const [place, question] of waiting.entries()) {
      const call = matches.get(place);
      if (call === undefined && left[place]?.length !== 0) continue;
      this.#waiting.delete(question);
      if (call === undefined) question.reject(inNoCall());
      else question.resolve(call);
    }
  }
}

/** Source: MCP 2026-07-28: what belongs to no request has no way to a client of that era. */
function inNoCall(): Error {
  return protocolErrors.METHOD_NOT_FOUND({ details: { method: 'a question outside any request' } });
}

function unclear(): Error {
  return protocolErrors.INVALID_REQUEST({ details: { problem: 'it is not clear to which call the question belongs' } });
}
