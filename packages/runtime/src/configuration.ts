import { diffPlans, formatProblems } from '@hostler/config';
import type { HostPlan } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import type { Logger } from '@hostler/kernel';
import type { ServerFailure } from './reconcile.ts';
import { createSerial } from './serial.ts';
import type { RunningServers } from './running-servers.ts';

/** What a plan that was applied has changed. */
export interface ApplyReport {
  /** Counts the plans that were applied; the one the host was created with is the first. */
  readonly generation: number;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Not touched. */
  readonly unchanged: readonly string[];
  /** Other settings that differ and are in force now, such as `log.level`. */
  readonly applied: readonly string[];
  /** Settings that are in force only after a restart of the host, such as `listen.port`. */
  readonly restart: readonly string[];
  /** Servers that are not up in their new form. */
  readonly failed: readonly ServerFailure[];
}

/** Which plan is in force, and whether the file says something newer that could not be used. */
export interface ConfigurationState {
  readonly generation: number;
  /** Why the file was not taken over when it was last read: a safe sentence. */
  readonly problem?: string;
}

export interface ConfigurationOptions {
  readonly plan: HostPlan;
  readonly servers: RunningServers;
  readonly log: Logger;
  readonly load: () => Promise<HostPlan>;
  /**
   * Makes ready for the settings that are in force at once.
   * @returns what takes them over
   * @throws when the plan cannot be used: then nothing has changed
   */
  readonly prepare: (plan: HostPlan) => () => void;
  /** Told of each plan that was taken over; of one that could not be read, without a report. */
  readonly onReport?: (report: ApplyReport | undefined) => void;
}

export interface Configuration {
  apply(plan: HostPlan): Promise<ApplyReport>;
  reload(): Promise<ApplyReport>;
  state(): ConfigurationState;
}

/** The plan in force. Plans are applied one after the other; the last one wins as a whole. */
export function createConfiguration(options: ConfigurationOptions): Configuration {
  const { plan: first, servers, log, load, prepare, onReport } = options;
  const inTurn = createSerial();
  let generation = 1;
  let problem: string | undefined;
  let waiting: Promise<ApplyReport> | undefined;

  async function takeOver(plan: HostPlan): Promise<Taken> {
    const settings = diffPlans(servers.plan(), plan).settings.filter(({ applies }) => applies === 'now');
    // Against the first plan: what a restart would change stays outstanding until there is one.
    const outstanding = diffPlans(first, plan).settings.filter(({ applies }) => applies === 'restart');
    const onPlan = prepare(plan);
    const { diff, failed, started } = await servers.follow(plan, () => {
      onPlan();
      generation += 1;
      problem = undefined;
    });
    return {
      report: {
        generation,
        added: diff.added.map(({ name }) => name),
        changed: diff.changed.map(({ to }) => to.name),
        removed: diff.removed,
        unchanged: diff.unchanged,
        applied: settings.map(({ key }) => key),
        restart: outstanding.map(({ key }) => key),
        failed,
      },
      started,
    };
  }

  async function loadAndTakeOver(): Promise<Taken> {
    // From here on a change of the file may be missed by this one: whoever asks now waits for the next.
    waiting = undefined;
    let plan: HostPlan;
    try {
      plan = await load();
    } catch (error) {
      problem = isHostlerError(error) ? error.message : 'The configuration file cannot be read.';
      log.error(describe(error), 'the configuration was not taken over; the one before it stays in force');
      onReport?.(undefined);
      throw error;
    }
    return takeOver(plan);
  }

  /** Slow starts are waited for here, where they hold up no other plan. */
  async function finish(taking: Promise<Taken>): Promise<ApplyReport> {
    const { report, started } = await taking;
    const complete = { ...report, failed: [...report.failed, ...(await started)] };
    tell(log, complete);
    onReport?.(complete);
    return complete;
  }

  return {
    apply: (plan) => finish(inTurn(() => takeOver(plan))),
    reload() {
      waiting ??= finish(inTurn(loadAndTakeOver));
      return waiting;
    },
    state: () => ({ generation, ...(problem !== undefined && { problem }) }),
  };
}

interface Taken {
  readonly report: ApplyReport;
  readonly started: Promise<readonly ServerFailure[]>;
}

function describe(error: unknown): object {
  if (!isHostlerError(error) || !Array.isArray(error.details['problems'])) return { error };
  return { code: error.code, problems: formatProblems(error).split('\n') };
}

function tell(log: Logger, report: ApplyReport): void {
  const { unchanged, restart, failed, ...changes } = report;
  const news = Object.entries(changes).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  log.info({ ...Object.fromEntries(news), unchanged: unchanged.length }, 'the configuration was taken over');
  if (restart.length > 0) log.warn({ settings: restart }, 'these settings are in force after a restart only');
  for (const failure of failed) {
    log.warn(
      failure,
      failure.kept
        ? 'the server did not come up as it is now written; it runs as before'
        : 'the server did not come up',
    );
  }
}
