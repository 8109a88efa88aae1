import { LOCKED_KINDS } from '@hostler/router';
import type { LockedDefinitions, LockedServer, LockFile } from '@hostler/router';

export interface Selected {
  readonly server: string;
  /** Absent: all of the server. */
  readonly key?: string;
}

/** `server`, or `server/` and a name that may hold further slashes. */
export function parseSelected(name: string): Selected {
  const slash = name.indexOf('/');
  return slash === -1 ? { server: name } : { server: name.slice(0, slash), key: name.slice(slash + 1) };
}

/** @returns undefined when there is nothing of that name, neither approved nor offered */
export function approveSelected(
  lock: LockFile,
  observed: ReadonlyMap<string, LockedServer>,
  { server, key }: Selected,
): LockFile | undefined {
  const now = observed.get(server);
  const before = Object.hasOwn(lock.servers, server) ? lock.servers[server] : undefined;
  if (now === undefined) return undefined;
  if (key === undefined) return { servers: { ...lock.servers, [server]: now } };
  const isKnown = [now, before].some((one) => one && LOCKED_KINDS.some((kind) => Object.hasOwn(one[kind], key)));
  if (!isKnown) return undefined;
  const base = before ?? { source: now.source, tool: {}, prompt: {}, template: {} };
  const taken = { ...base };
  for (const kind of LOCKED_KINDS) taken[kind] = takeOne(base[kind], now[kind], key);
  return { servers: { ...lock.servers, [server]: taken } };
}

/** What is gone is gone. */
function takeOne(before: LockedDefinitions, now: LockedDefinitions, key: string): LockedDefinitions {
  const { [key]: _, ...others } = before;
  const current = Object.hasOwn(now, key) ? now[key] : undefined;
  return current === undefined ? others : { ...others, [key]: current };
}

/** Servers that could not be read stay as they were approved; those that are configured no more go. */
export function approveAll(
  lock: LockFile,
  observed: ReadonlyMap<string, LockedServer>,
  configured: readonly string[],
): LockFile {
  const kept = Object.entries(lock.servers).filter(([name]) => configured.includes(name));
  return { servers: { ...Object.fromEntries(kept), ...Object.fromEntries(observed) } };
}
