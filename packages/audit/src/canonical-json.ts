import type { Json, JsonObject } from '@hostler/kernel';

/** The same text for values that are equal, whatever the order of their members. Source: RFC 8785, 3.2. */
export function canonicalJson(value: Json | undefined): string {
  return typeof value === 'object' && value !== null ? write(value, new Map()) : JSON.stringify(value ?? null);
}

/** Names that are kept; what has more of them has no rows that repeat them. */
const MOST_QUOTED = 256;

/** @param quoted names of members, which lists repeat */
function write(value: Json | undefined, quoted: Map<string, string>): string {
  if (typeof value === 'string') return JSON.stringify(value);
  // What no double holds was read as infinite (`1e400`), and goes to the server as `null`.
  if (value === Infinity || value === -Infinity) return 'null';
  if (typeof value !== 'object' || value === null) return `${value ?? null}`;
  return Array.isArray(value) ? writeList(value, quoted) : writeObject(value as JsonObject, quoted);
}

function writeList(list: readonly Json[], quoted: Map<string, string>): string {
  let text = '[';
  for (const element of list) text += text === '[' ? write(element, quoted) : `,${write(element, quoted)}`;
  return `${text}]`;
}

function writeObject(value: JsonObject, quoted: Map<string, string>): string {
  let text = '{';
  // By UTF-16 code units, as `sort` compares.
  for (const key of Object.keys(value).sort()) {
    const inner = value[key];
    if (inner === undefined) continue;
    text += `${text === '{' ? '' : ','}${quotedName(key, quoted)}${write(inner, quoted)}`;
  }
  return `${text}}`;
}

function quotedName(key: string, quoted: Map<string, string>): string {
  const known = quoted.get(key);
  if (known !== undefined) return known;
  const text = `${JSON.stringify(key)}:`;
  if (quoted.size < MOST_QUOTED) quoted.set(key, text);
  return text;
}
