import type { Runtime } from '@hostler/runtime';
import type { UpstreamState } from '@hostler/upstream';

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

  /** Servers that are known to be starting still: while there are any, nothing else is asked about. */
  const starting = new Set<string>();

  function openWhenStarted(): void {
    const { phase, servers } = runtime.readiness();
    if (phase !== 'starting') return open();
    starting.clear();
    for (const { name, status } of servers) if (status === 'starting') starting.add(name);
    if (starting.size === 0) open();
  }

  function onState({ name, status }: UpstreamState): void {
    if (status === 'starting') return void starting.add(name);
    starting.delete(name);
    // To ask for the state of all at each of 1,000 starts took 2.5 s.
    if (starting.size === 0) openWhenStarted();
  }

  const unsubscribe = runtime.onEvent((event) => {
    if (event.kind === 'state') onState(event.state);
  });
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
