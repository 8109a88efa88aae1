import { isHostlerError } from '@hostler/kernel';
import type { Clock, Logger, UpstreamSpec } from '@hostler/kernel';
import type { Pool } from '@hostler/upstream';
import type { FailingRotation, RenewedServer, RotationCounts } from './secrets.ts';
import { createSlots } from './slots.ts';

export interface ServerRenewalsOptions {
  readonly pool: Pick<Pool, 'states' | 'spec' | 'renewSecrets'>;
  /** Reads the other secrets of a server again, so that what was changed together is given together. Never rejects. */
  readonly freshen: (server: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Fires when the host stops. */
  readonly closing: AbortSignal;
  /** From 0 to 1, for the pauses between tries. */
  readonly random: () => number;
}

/** Gives servers their changed secrets: one renewal a server at a time, and again later where it fails. */
export interface ServerRenewals {
  /**
   * While one waits or reads secrets it takes this one in; once the server is being given its values another one follows.
   * @returns what the last one came to; undefined when the server went or was changed meanwhile. Never rejects.
   */
  request(server: string): Promise<RenewedServer | undefined>;
  /** The servers that run on with the values they had. */
  failing(): readonly FailingRotation[];
  counts(): RotationCounts;
  /** Ends the waiting for another try. */
  stop(): void;
}

/** Servers that may be given their secrets at the same time. */
const RENEWALS_AT_A_TIME = 8;
/** Milliseconds. */
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 300_000;

export function createServerRenewals(options: ServerRenewalsOptions): ServerRenewals {
  return new Renewals(options);
}

interface Work {
  isAskedAgain: boolean;
  readonly done: Promise<RenewedServer | undefined>;
}

/** A server whose renewal failed. */
interface Alarm {
  readonly spec: UpstreamSpec;
  readonly since: Date;
  readonly tries: number;
  readonly code: string;
  readonly problem: string;
  readonly cancel: () => void;
}

class Renewals implements ServerRenewals {
  readonly #options: ServerRenewalsOptions;
  readonly #work = new Map<string, Work>();
  readonly #alarms = new Map<string, Alarm>();
  readonly #slots = createSlots(RENEWALS_AT_A_TIME);
  readonly #counts = { renewed: 0, restarted: 0, kept: 0 };

  constructor(options: ServerRenewalsOptions) {
    this.#options = options;
    options.closing.addEventListener('abort', () => this.stop(), { once: true });
  }

  request(server: string): Promise<RenewedServer | undefined> {
    const known = this.#work.get(server);
    if (known !== undefined) {
      known.isAskedAgain = true;
      return known.done;
    }
    const { promise: done, resolve } = Promise.withResolvers<RenewedServer | undefined>();
    const work: Work = { isAskedAgain: true, done };
    this.#work.set(server, work);
    void this.#slots.run(() => this.#renewWhileAsked(server, work)).then(resolve);
    return done;
  }

  failing(): readonly FailingRotation[] {
    return [...this.#alarms].flatMap(([server, { spec, code, problem, since }]) =>
      this.#isPresent(spec) ? [{ server, code, problem, since }] : [],
    );
  }

  counts(): RotationCounts {
    return { ...this.#counts };
  }

  stop(): void {
    for (const { cancel } of this.#alarms.values()) cancel();
  }

  async #renewWhileAsked(server: string, work: Work): Promise<RenewedServer | undefined> {
    let last: RenewedServer | undefined;
    while (work.isAskedAgain && !this.#options.closing.aborted) last = await this.#renewOnce(server, work);
    this.#work.delete(server);
    return last;
  }

  async #renewOnce(server: string, work: Work): Promise<RenewedServer | undefined> {
    const { pool, freshen, closing } = this.#options;
    const spec = pool.spec(server);
    if (spec === undefined) {
      work.isAskedAgain = false;
      return undefined;
    }
    await freshen(server);
    // What has changed up to here is read by the renewal; what changes from here on needs another one.
    work.isAskedAgain = false;
    try {
      // The calls under way may take as long as any call.
      const outcome = await pool.renewSecrets(server, spec.callTimeout, closing);
      this.#succeeded(server, outcome);
      return { name: server, outcome };
    } catch (error) {
      // Whoever removed or changed it has given it the present values, or has no need for them.
      if (closing.aborted || !this.#isPresent(spec)) return undefined;
      return this.#failed(spec, error);
    }
  }

  #succeeded(server: string, outcome: 'renewed' | 'restarted'): void {
    const { log } = this.#options;
    this.#counts[outcome] += 1;
    log.info({ server, outcome }, 'the server was given its changed secrets');
    this.#silence(server);
  }

  #failed(spec: UpstreamSpec, error: unknown): RenewedServer {
    const { pool } = this.#options;
    const { name } = spec;
    const failure = { ...describe(error), outcome: 'kept', name } as const;
    const isUp = pool.states().some((state) => state.name === name && state.status === 'up');
    if (isUp) {
      this.#counts.kept += 1;
      this.#raise(spec, failure);
    } else {
      // Its supervisor tries it again, with the present values, and its state says why it is not up.
      this.#silence(name);
    }
    return failure;
  }

  #raise(spec: UpstreamSpec, { code, problem }: { readonly code: string; readonly problem: string }): void {
    const { log, clock, random, closing } = this.#options;
    const { name: server } = spec;
    const known = this.#alarms.get(server);
    const { since = new Date(), tries = 0 } = known?.spec === spec ? known : {};
    known?.cancel();
    const report = { server, code, problem };
    if (tries === 0) log.error(report, 'the server could not be given its changed secrets; it runs with those it has');
    else log.warn(report, 'the server still runs with the secrets it had');
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries) * (0.5 + random() / 2);
    const cancel = closing.aborted ? () => undefined : clock.after(pause, () => this.#tryAgain(server));
    this.#alarms.set(server, { spec, since, tries: tries + 1, code, problem, cancel });
  }

  #tryAgain(server: string): void {
    const alarm = this.#alarms.get(server);
    if (alarm === undefined) return;
    if (this.#isPresent(alarm.spec)) void this.request(server);
    else this.#alarms.delete(server);
  }

  #silence(server: string): void {
    this.#alarms.get(server)?.cancel();
    this.#alarms.delete(server);
  }

  #isPresent(spec: UpstreamSpec): boolean {
    return this.#options.pool.spec(spec.name) === spec;
  }
}

/** A safe sentence with the mend where one is known. */
function describe(error: unknown): { readonly code: string; readonly problem: string } {
  const { problem } = isHostlerError(error) ? error.details : {};
  const message = isHostlerError(error) ? error.message : 'The fresh one did not come up.';
  return {
    code: isHostlerError(error) ? error.code : 'UPSTREAM_UNAVAILABLE',
    problem: isHostlerError(error) && error.code.startsWith('SECRET_') ? message : sentence(problem, message),
  };
}

function sentence(problem: unknown, otherwise: string): string {
  return typeof problem === 'string' ? problem : otherwise;
}
