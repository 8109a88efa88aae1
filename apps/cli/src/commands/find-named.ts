import type { JsonObject } from '@hostler/kernel';
import { cliErrors } from '../errors.ts';
import { requireOwnerUp } from '../host-session.ts';
import type { HostSession } from '../host-session.ts';
import { listAll, textOf } from '../lists.ts';
import type { ListMethod } from '../lists.ts';
import { printableLine } from '../text/printable.ts';

const MAX_SUGGESTIONS = 5;

export interface Wanted {
  readonly kind: string;
  readonly method: ListMethod;
  readonly name: string;
}

/**
 * The entry of that name. What is missing because its server is down is a server that is down.
 * @throws CLI_NOT_FOUND with names that look alike and servers that could not be asked, CLI_SERVER_DOWN
 */
export async function findNamed(session: HostSession, { kind, method, name }: Wanted): Promise<JsonObject> {
  requireOwnerUp(session.states, name);
  const entries = await listAll(session, method);
  const found = entries.find((entry) => entry['name'] === name);
  if (found !== undefined) return found;
  const alike = suggestions(
    entries.map((entry) => textOf(entry, 'name')),
    name,
  );
  const absent = session.states.filter(({ status }) => status !== 'up').map((state) => state.name);
  const hint = [
    alike.length === 0 ? '' : ` Did you mean ${alike.map(printableLine).join(', ')}?`,
    absent.length === 0 ? '' : ` Not asked, because not up: ${absent.join(', ')}.`,
  ].join('');
  throw cliErrors.NOT_FOUND({ details: { kind, name, hint } });
}

/** Names that contain what was asked for, or end in the same word after the server's prefix. */
function suggestions(names: readonly string[], wanted: string): string[] {
  const lower = wanted.toLowerCase();
  const last = lower.split('__').at(-1) ?? lower;
  return names
    .filter((name) => {
      const own = name.toLowerCase().split('__').at(-1) ?? '';
      return own !== '' && (own.includes(last) || last.includes(own));
    })
    .slice(0, MAX_SUGGESTIONS);
}
