import type { Runtime } from '@hostler/runtime';

/** Holds clients of the whole host back while its servers start. */
export interface StartGate {
  /** Undefined once it is open, which it stays. */
  wait(): Promise<void> | undefined;
  open(): void;
}

/**
 * A client asks once what there is, when it connects: one that connects while servers start would be told of half of it.
 * So it waits, for `limit` milliseconds at most: one slow server must not keep the others from being used.
 */
export function createStartGate(runtime: Runtime, limit: number): StartGate {
  const opened = Promise.withResolvers<void>();
  let isOpen = false;
  let isTimed = false;
  let stopTimer = (): void => undefined;

  function open(): void {
    isOpen = true;
    unsubscribe();
    stopTimer();
    opened.resolve();
  }

  function openWhenStarted(): void {
    const { phase, servers } = runtime.readiness();
    if (phase !== 'starting' || servers.every(({ status }) => status !== 'starting')) open();
  }

  const unsubscribe = runtime.onEvent(({ kind }) => kind === 'state' && openWhenStarted());
  return {
    wait() {
      if (!isOpen) openWhenStarted();
      if (isOpen) return undefined;
      if (!isTimed) stopTimer = runtime.clock.after(limit, open);
      isTimed = true;
      return opened.promise;
    },
    open,
  };
}
