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

export interface StopOptions {
  /** Milliseconds that never go backwards. */
  readonly now?: () => number;
  /** Default: all three. */
  readonly signals?: readonly StopSignal[];
}

/** Turns the operating system's signals into two requests. */
export function listenForStop(source: SignalSource, options: StopOptions = {}): StopRequests {
  const { now = () => performance.now(), signals = STOP_SIGNALS } = options;
  const stop = new AbortController();
  const hurry = new AbortController();
  let first = 0;
  const listener = (): void => {
    if (!stop.signal.aborted) {
      first = now();
      stop.abort();
    } else if (now() - first > SAME_REQUEST) hurry.abort();
  };
  for (const signal of signals) source.on(signal, listener);
  return {
    stop: stop.signal,
    hurry: hurry.signal,
    release() {
      for (const signal of signals) source.off(signal, listener);
    },
  };
}

const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export interface ServerSignals extends StopRequests {
  /** Calls back whenever the configuration should be read again. */
  onReload(listener: () => void): void;
}

/**
 * The signals of a process that serves. SIGHUP means what it means to a daemon, read the configuration again, unless there
 * is a terminal: then it says that the terminal is gone, and nobody could stop the process any more.
 */
export function listenForServerSignals(source: SignalSource, hasTerminal: boolean): ServerSignals {
  const requests = listenForStop(source, { signals: hasTerminal ? STOP_SIGNALS : ['SIGINT', 'SIGTERM'] });
  const listeners = new Set<() => void>();
  const onHangUp = (): void => listeners.forEach((listener) => listener());
  if (!hasTerminal) source.on('SIGHUP', onHangUp);
  return {
    ...requests,
    onReload: (listener) => void listeners.add(listener),
    release() {
      requests.release();
      source.off('SIGHUP', onHangUp);
    },
  };
}
