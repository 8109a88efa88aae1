import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';

/** Scopes are one text with spaces between them (RFC 8693, section 4.2); `scp` is what Entra calls them. */
const SPACED: ReadonlySet<string> = new Set(['scope', 'scp']);

/** What the claim at this path says: of a list every member, of a text, number or boolean itself; nothing of an object. */
export function claimValues(claims: JsonObject, path: string): readonly string[] {
  const found = find(claims, path);
  if (typeof found === 'string' && SPACED.has(path)) return found.split(' ').filter((each) => each !== '');
  return (Array.isArray(found) ? found : [found]).flatMap(textOf);
}

/** Names may hold dots, as `https://example.com/roles` does: the whole name comes before its parts. */
function find(value: Json | undefined, path: string): Json | undefined {
  if (!isJsonObject(value)) return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const head = path.slice(0, dot);
    if (Object.hasOwn(value, head)) return find(value[head], path.slice(dot + 1));
  }
  return undefined;
}

function textOf(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
}
