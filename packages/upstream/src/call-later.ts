import type { Clock } from '@hostler/kernel';

/** Calls back after `delay` milliseconds, unless the signal comes before. */
export function callLater(clock: Clock, delay: number, signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) return;
  const cancel = clock.after(delay, () => {
    signal.removeEventListener('abort', cancel);
    callback();
  });
  signal.addEventListener('abort', cancel, { once: true });
}
