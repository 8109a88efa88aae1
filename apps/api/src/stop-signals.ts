/** The part of `process` that tells about signals. */
export interface SignalSource {
  on(signal: StopSignal, listener: () => void): unknown;
  off(signal: StopSignal, listener: () => void): unknown;
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface StopRequests {
  /** Stop, and give running work its time. */
  readonly stop: AbortSignal;
  /** Stop now: somebody asked a second time. */
  readonly hurry: AbortSignal;
  /** Gives the signals back to their default. */
  release(): void;
}

/** One Ctrl-C can arrive twice: from the terminal and from a program in between, such as a package manager. */
const SAME_REQUEST = 500;

/** Turns the operating system's signals into two requests. `now` is in milliseconds and never goes backwards. */
export function listenForStop(source: SignalSource, now: () => number = () => performance.now()): StopRequests {
  const stop = new AbortController();
  const hurry = new AbortController();
  let first = 0;
  const listener = (): void => {
    if (!stop.signal.aborted) {
      first = now();
      stop.abort();
    } else if (now() - first > SAME_REQUEST) hurry.abort();
  };
  for (const signal of STOP_SIGNALS) source.on(signal, listener);
  return {
    stop: stop.signal,
    hurry: hurry.signal,
    release() {
      for (const signal of STOP_SIGNALS) source.off(signal, listener);
    },
  };
}

const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
