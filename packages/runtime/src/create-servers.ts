import type { ServerPlan } from '@hostler/config';
import type { JsonObject, Logger } from '@hostler/kernel';
import type { Pool } from '@hostler/upstream';
import { serverErrors } from './errors.ts';
import { untilStarted } from './reconcile.ts';
import type { Reconciled } from './reconcile.ts';
import { findServer, planOrThrow } from './running-servers.ts';
import type { RunningServers } from './running-servers.ts';
import { driftOf, listServers, withChange, withoutSwitch } from './server-changes.ts';
import type { ListedServer, ServerSources } from './server-changes.ts';
import type { SaveReport, ServerRecord, Servers, ServerTest } from './servers.ts';
import { showSettings } from './show-settings.ts';

export interface ServersOptions {
  readonly pool: Pool;
  readonly running: RunningServers;
  readonly log: Logger;
  readonly closing: AbortSignal;
  readonly test: (plan: ServerPlan, signal: AbortSignal) => Promise<ServerTest>;
  readonly save: () => Promise<SaveReport>;
}

const CHANGED = 'a server was changed beside the file';

/** The name of a server that is only tested. */
const TESTED = 'test';

export function createServers({ pool, running, log, closing, test, save }: ServersOptions): Servers {
  const toRecord = (server: ListedServer): ServerRecord => recordOf(server, pool);
  const get = (name: string): ServerRecord => toRecord(findServer(running.list(), name));

  /** `settings` is asked when it is the turn of this change, and may throw. */
  async function write(
    name: string,
    change: string,
    settings: (current: ServerSources) => unknown,
  ): Promise<ServerRecord> {
    const changed = running.change(name, (current) =>
      withChange(current, name, planOrThrow(name, settings(current), current.plan.folder)),
    );
    return settled(name, change, changed);
  }

  /** @throws SERVER_NOT_REPLACED */
  async function settled(name: string, change: string, work: Promise<Reconciled>): Promise<ServerRecord> {
    const { failed } = await work;
    const failure = failed.find((one) => one.name === name && one.kept);
    if (failure) throw serverErrors.NOT_REPLACED({ details: { server: name, problem: failure.problem } });
    log.info({ server: name, change }, CHANGED);
    await untilStarted(pool, [name], closing);
    return get(name);
  }

  return {
    list: () => running.list().map(toRecord),
    get,
    add: (name, settings) => write(name, 'add', (current) => requireFree(current, name) && settings),
    update: (name, settings) => write(name, 'update', (current) => requireOwn(current, name) && settings),
    async remove(name) {
      if (!running.list().some((server) => server.name === name)) return false;
      const { drained } = await running.change(name, (current) => {
        requireOwn(current, name);
        return withChange(current, name, 'removed');
      });
      log.info({ server: name, change: 'remove' }, CHANGED);
      await drained;
      return true;
    },
    restart: (name) => settled(name, 'restart', running.restart(name)),
    enable: (name) => write(name, 'enable', (current) => withoutSwitch(requireOwn(current, name))),
    disable: (name) => write(name, 'disable', (current) => ({ ...requireOwn(current, name), disabled: true })),
    test: async (settings, signal) => test(planOrThrow(TESTED, settings, running.plan().folder), signal),
    drift: () => driftOf(running.plan(), running.changes()),
    save,
  };
}

function recordOf({ name, origin, isDisabled, written }: ListedServer, pool: Pool): ServerRecord {
  const state = pool.states().find((candidate) => candidate.name === name);
  return {
    name,
    origin,
    disabled: isDisabled,
    ...(state && { state }),
    ...(written && { settings: showSettings(written) }),
  };
}

/** @throws SERVER_EXISTS */
function requireFree(sources: ServerSources, name: string): true {
  const isTaken = listServers(sources).some((server) => server.name === name);
  if (!isTaken && sources.plan.groups.every((group) => group.name !== name)) return true;
  throw serverErrors.EXISTS({ details: { server: name.slice(0, 64) } });
}

/** Its settings. @throws SERVER_NOT_FOUND, SERVER_FIXED */
function requireOwn(sources: ServerSources, name: string): JsonObject {
  const { written } = findServer(listServers(sources), name);
  if (written === undefined) throw serverErrors.FIXED({ details: { server: name } });
  return written;
}
