import type { ServerResponse } from 'node:http';
import { clientErrors, hasRoom, httpErrors } from '@hostler/endpoint';
import type { EndpointLimits } from '@hostler/endpoint';
import type { Clock, Consumer, HostlerError } from '@hostler/kernel';

export interface RunningRequest {
  readonly response: ServerResponse;
  readonly consumer: Consumer;
}

interface Running {
  readonly controller: AbortController;
  readonly consumer: Consumer;
}

type Limits = Pick<EndpointLimits, 'inFlight' | 'inFlightPerConsumer'>;

/** The requests under way, so that they can be bounded and ended. */
export class RunningRequests {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #running = new Set<Running>();
  readonly #onEmpty = new Set<() => void>();
  #isClosing = false;

  constructor(clock: Clock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** The signal fires when the client is gone or the time of a stopping host is over. @throws HTTP_SHUTTING_DOWN, HTTP_TOO_MANY_REQUESTS */
  async run<Result>(
    { response, consumer }: RunningRequest,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    if (this.#isClosing) throw httpErrors.SHUTTING_DOWN();
    if (!hasRoom(this.#running, consumer, this.#limits)) throw httpErrors.TOO_MANY_REQUESTS();
    const controller = new AbortController();
    const { signal } = controller;
    const onGone = (): void => controller.abort(clientErrors.GONE());
    const { promise: ended, reject } = Promise.withResolvers<never>();
    // Also work that does not listen comes to an end for its caller.
    signal.addEventListener('abort', () => reject(signal.reason as HostlerError), { once: true });
    const running: Running = { controller, consumer };
    this.#running.add(running);
    response.once('close', onGone);
    try {
      return await Promise.race([work(signal), ended]);
    } finally {
      response.off('close', onGone);
      this.#running.delete(running);
      if (this.#running.size === 0) for (const resolve of this.#onEmpty) resolve();
    }
  }

  /** Refuses new ones, gives those under way `grace` milliseconds, then fails them. The shortest time asked for counts. */
  async close(grace: number): Promise<void> {
    this.#isClosing = true;
    if (this.#running.size > 0 && grace > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const stopTimer = this.#clock.after(grace, resolve);
      this.#onEmpty.add(resolve);
      await promise;
      this.#onEmpty.delete(resolve);
      stopTimer();
    }
    for (const { controller } of this.#running) controller.abort(httpErrors.SHUTTING_DOWN());
  }

  /** Fails those of certain consumers, now. */
  endWhere(isOver: (consumer: Consumer) => boolean): void {
    for (const { controller, consumer } of this.#running) {
      if (isOver(consumer)) controller.abort(httpErrors.ACCESS_ENDED());
    }
  }
}
