import type { Clock } from '@hostler/kernel';
import { untilAborted } from '../until-aborted.ts';

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
