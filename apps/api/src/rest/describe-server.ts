import type { Runtime, ServerRecord } from '@hostler/runtime';

/**
 * As answers show it.
 *
 * @param lock where it also matters in what the server is not as it was approved
 */
export function describeServer({ state, ...own }: ServerRecord, lock?: Runtime['lock']): object {
  const record = { ...own, ...(lock?.file !== undefined && { unapproved: unapprovedOf(own.name, lock) }) };
  if (state === undefined) return record;
  const { status, phase, required, restarts, startedIn, problem, problemCode, server } = state;
  return {
    ...record,
    state: {
      status,
      phase,
      required,
      restarts,
      ...(startedIn !== undefined && { startedIn }),
      ...(problem !== undefined && { problem }),
      ...(problemCode !== undefined && { code: problemCode }),
      ...(server && { era: server.era, info: server.info }),
    },
  };
}

/** Without the definitions, which `hostler lock diff` shows. */
function unapprovedOf(server: string, lock: Runtime['lock']): object[] {
  const own = lock.drift().filter((drift) => drift.server === server);
  return own.map(({ grade, kind, key, members, direction, renamedFrom }) => ({
    grade,
    ...(kind !== undefined && { kind }),
    ...(key !== undefined && { name: key }),
    ...(members.length > 0 && { members }),
    ...(direction !== undefined && { direction }),
    ...(renamedFrom !== undefined && { renamedFrom }),
  }));
}
