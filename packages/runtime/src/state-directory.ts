import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { HostPlan } from '@hostler/config';

/**
 * Where a host may keep what it remembers; undefined when it was not asked to and runs from no file, or when this user has
 * no place for such things. Source: XDG Base Directory Specification, version 0.8.
 */
export function stateDirectory(
  { stateDirectory: configured, source }: Pick<HostPlan, 'stateDirectory' | 'source'>,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (configured !== undefined) return configured;
  if (!isAbsolute(source)) return undefined;
  const base = userState(environment);
  const digest = createHash('sha256').update(source).digest('hex').slice(0, 16);
  return base && join(base, 'hostler', digest);
}

function userState(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { XDG_STATE_HOME: state, HOME: home, LOCALAPPDATA: local } = environment;
  if (state !== undefined && isAbsolute(state)) return state;
  if (local !== undefined && isAbsolute(local)) return local;
  return home !== undefined && isAbsolute(home) ? join(home, '.local', 'state') : undefined;
}
