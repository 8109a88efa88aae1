import type { Clock } from '@hostler/kernel';
import type { ProcessFamily } from './process-family.ts';

export interface StopFamilyOptions {
  readonly family: ProcessFamily;
  readonly clock: Clock;
  /** Milliseconds between the steps. */
  readonly step: number;
  /** Resolves when the child itself has ended. */
  readonly childEnded: Promise<void>;
  /** Closes the child's stdin: the polite request to leave. */
  endInput(): void;
}

/** Milliseconds between two looks at what is still there. */
const LOOK_INTERVAL = 20;

/**
 * Stops a child and all its descendants: stdin closed, SIGTERM, SIGKILL, with time between them. Source of the order:
 * MCP 2025-11-25, basic/lifecycle (shutdown).
 * @returns whether nothing is left
 */
export async function stopFamily(options: StopFamilyOptions): Promise<boolean> {
  const { family, clock, step, childEnded } = options;
  // The clock's timers keep no process alive, and a host that ends half-way through would leave the rest running.
  const stayAlive = setInterval(() => {}, 60_000);
  try {
    // Who belongs to the family shows while parents live: once they are gone, so is the trace.
    const living = await family.living();
    options.endInput();
    if (living.length === 0) return true;
    await Promise.race([childEnded, pause(clock, step)]);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if ((await family.living()).length === 0) return true;
      await family.signal(signal);
      if (await isGoneWithin(options, step)) return true;
    }
    return false;
  } finally {
    clearInterval(stayAlive);
  }
}

async function isGoneWithin({ family, clock, childEnded }: StopFamilyOptions, milliseconds: number): Promise<boolean> {
  const end = clock.now() + milliseconds;
  await Promise.race([childEnded, pause(clock, milliseconds)]);
  while ((await family.living()).length > 0) {
    if (clock.now() >= end) return false;
    await pause(clock, LOOK_INTERVAL);
  }
  return true;
}

function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => void clock.after(milliseconds, resolve));
}
