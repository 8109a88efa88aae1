import type { Json, JsonObject } from '@hostler/kernel';

/** The same text for values that are equal, whatever the order of their members. Source: RFC 8785, 3.2. */
export function canonicalJson(value: Json | undefined): string {
  return write(value ?? null, undefined);
}

/** Names that are kept; what has more of them has no rows that repeat them. */
const MOST_QUOTED = 256;

/** @param quoted names of members, where a list is written that may repeat them */
function write(value: Json | undefined, quoted: Map<string, string> | undefined): string {
  if (typeof value === 'string') return JSON.stringify(value);
  // What no double holds was read as infinite (`1e400`), and goes to the server as `null`.
  if (value === Infinity || value === -Infinity) return 'null';
  if (typeof value !== 'object' || value === null) return `${value ?? null}`;
  return Array.isArray(value) ? writeList(value, quoted ?? new Map()) : writeObject(value as JsonObject, quoted);
}

function writeList(list: readonly Json[], quoted: Map<string, string>): string {
  let text = '[';
  for (const element of list) text += text === '[' ? write(element, quoted) : `,${write(element, quoted)}`;
  return `${text}]`;
}

function writeObject(value: JsonObject, quoted: Map<string, string> | undefined): string {
  let text = '{';
  for (const key of inOrder(Object.keys(value))) {
    const inner = value[key];
    if (inner === undefined) continue;
    text += `${text === '{' ? '' : ','}${quotedName(key, quoted)}${write(inner, quoted)}`;
  }
  return `${text}}`;
}

/** By UTF-16 code units, as `sort` compares. Sorting takes 0.8 KB whatever there is to sort: a few names are put in order here. */
function inOrder(keys: string[]): string[] {
  if (keys.length > FEW) return keys.sort();
  for (let end = 1; end < keys.length; end += 1) {
    const key = keys[end] as string;
    let at = end;
    for (; at > 0 && (keys[at - 1] as string) > key; at -= 1) keys[at] = keys[at - 1] as string;
    keys[at] = key;
  }
  return keys;
}

const FEW = 8;

/** What stands in JSON as it is. */
const PLAIN_NAME = /^[\w$.-]*$/;

function quotedName(key: string, quoted: Map<string, string> | undefined): string {
  const known = quoted?.get(key);
  if (known !== undefined) return known;
  if (PLAIN_NAME.test(key)) return `"${key}":`;
  const text = `${JSON.stringify(key)}:`;
  if (quoted !== undefined && quoted.size < MOST_QUOTED) quoted.set(key, text);
  return text;
}
