import { openPatientSession, callInSession } from './outcome.ts';

/** What the clients of another server saw while a fault lasted. */
export interface ProbeReport {
  readonly calls: number;
  readonly errors: readonly unknown[];
  /** Milliseconds. */
  readonly p99: number;
}

export interface ControlProbe {
  start(): void;
  /** Ends when at least `least` calls were made and all are answered. */
  stop(): Promise<ProbeReport>;
}

/** Twenty calls a second. */
const INTERVAL = 50;
/** A second of calls, also when the fault is over at once. */
const LEAST = 20;

/** Another client that calls another server, at a steady pace, whatever becomes of the calls before. */
export async function createControlProbe(endpoint: string): Promise<ControlProbe & { readonly baseline: ProbeReport }> {
  const session = await openPatientSession(endpoint);
  const target = { server: 'control', tool: 'echo', parameters: { text: 'x' } };
  let pending: Promise<number>[] = [];
  let timer: NodeJS.Timeout | undefined;
  let enough = Promise.withResolvers<void>();

  async function callOnce(): Promise<number> {
    const { error, elapsed, terminals } = await callInSession(session, target);
    if (error !== undefined || terminals !== 1)
      throw new Error(`control probe: ${JSON.stringify({ error, terminals })}`);
    return elapsed;
  }

  const probe: ControlProbe = {
    start() {
      pending = [];
      enough = Promise.withResolvers();
      timer = setInterval(() => {
        pending.push(callOnce());
        if (pending.length >= LEAST) enough.resolve();
      }, INTERVAL);
    },
    async stop() {
      await enough.promise;
      clearInterval(timer);
      const settled = await Promise.allSettled(pending);
      const times = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      return { calls: settled.length, errors, p99: percentile(times, 0.99) };
    },
  };
  // The first calls of a process pay for its compilation.
  const times: number[] = [];
  for (let call = 0; call < LEAST + WARM_UP; call += 1) times.push(await callOnce());
  return { ...probe, baseline: { calls: LEAST, errors: [], p99: percentile(times.slice(WARM_UP), 0.99) } };
}

const WARM_UP = 3;

/** Nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
