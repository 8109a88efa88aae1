import type { Clock } from '@hostler/kernel';

export interface UntilQuietOptions {
  readonly clock: Clock;
  /** Milliseconds to wait at most. */
  readonly grace: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  readonly isBusy: () => boolean;
}

/** Who was given a connection a moment ago may not have used it yet. */
const MOMENT = 50;

/** Waits until what is to be closed has nothing left to do, or until it has had its time. */
export async function untilQuiet({ clock, grace, signal, isBusy }: UntilQuietOptions): Promise<void> {
  const end = clock.now() + grace;
  do {
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    await pause(clock, Math.min(MOMENT, end - clock.now()), signal);
  } while (!signal.aborted && isBusy() && clock.now() < end);
}

async function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || milliseconds <= 0) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => resolve();
  const cancel = clock.after(milliseconds, stop);
  signal.addEventListener('abort', stop, { once: true });
  await promise;
  cancel();
  signal.removeEventListener('abort', stop);
}
