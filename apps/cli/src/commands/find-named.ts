import type { JsonObject } from '@hostler/kernel';
import { cliErrors } from '../errors.ts';
import { textOf } from '../lists.ts';
import { printableLine } from '../text/printable.ts';

const MAX_SUGGESTIONS = 5;

/** The entry of that name. @throws CLI_NOT_FOUND with names that look alike. */
export function findNamed(entries: readonly JsonObject[], kind: string, name: string): JsonObject {
  const found = entries.find((entry) => entry['name'] === name);
  if (found !== undefined) return found;
  const alike = suggestions(
    entries.map((entry) => textOf(entry, 'name')),
    name,
  );
  const hint = alike.length === 0 ? '' : ` Did you mean ${alike.map(printableLine).join(', ')}?`;
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
