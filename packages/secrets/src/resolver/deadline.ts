import type { Clock } from '@hostler/kernel';

/** Waits for `work`, but no longer than the signal allows. What `work` does after that is nobody's concern. */
export async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export interface Deadline {
  readonly clock: Clock;
  readonly milliseconds: number;
  readonly signal: AbortSignal;
}

/** Runs with a signal that is aborted with the outer one or after the time; does not wait for work that ignores it. */
export async function withDeadline<T>(deadline: Deadline, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, milliseconds, signal } = deadline;
  signal.throwIfAborted();
  const controller = new AbortController();
  const timeout = new DOMException(`No answer within ${milliseconds} ms`, 'TimeoutError');
  const cancel = clock.after(milliseconds, () => controller.abort(timeout));
  const forward = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  try {
    return await untilAborted(controller.signal, run(controller.signal));
  } finally {
    cancel();
    signal.removeEventListener('abort', forward);
  }
}

export async function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(milliseconds, resolve);
  try {
    await untilAborted(signal, promise);
  } finally {
    cancel();
  }
}
