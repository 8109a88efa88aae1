import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';

const MAX_DEPTH = 4;
const MAX_KEYS = 64;
const MAX_KEY_LENGTH = 64;
/** Elements that are looked at for the types of a list. */
const MAX_ELEMENTS = 16;
/** Characters of all names together, and as many for each value: who calls says how many there are. */
const MAX_LENGTH = 8_192;
const LENGTH_OF_VALUE = 8;

/** What is still to be had. */
interface Room {
  left: number;
}

/** What a value is made of, to a bounded depth and length: names of members and types, never a value. */
export function shapeOf(value: Json | undefined): Json {
  return describe(value, 0, { left: MAX_LENGTH });
}

/** The same as JSON. Most arguments are a few plain values: a fifth of the time. */
export function shapeTextOf(values: JsonObject): string {
  const keys = Object.keys(values);
  if (keys.length > FEW) return JSON.stringify(shapeOf(values));
  let text = '';
  for (const key of keys) {
    const value = values[key];
    if (!PLAIN_NAME.test(key) || (typeof value === 'object' && value !== null)) return JSON.stringify(shapeOf(values));
    text += `${text === '' ? '' : ','}"${key}":"${value === null ? 'null' : typeof value}"`;
  }
  return `{${text}}`;
}

const FEW = 16;
/** What stands in JSON as it is, and in a shape at its whole length. */
const PLAIN_NAME = /^[\w$.-]{0,64}$/;

function describe(value: Json | undefined, depth: number, room: Room): Json {
  room.left -= LENGTH_OF_VALUE;
  if (Array.isArray(value)) return describeList(value, depth, room);
  if (!isJsonObject(value)) return value === null ? 'null' : typeof value;
  if (depth >= MAX_DEPTH || room.left <= 0) return 'object';
  const keys = Object.keys(value);
  const shape: [string, Json][] = [];
  for (const key of keys) {
    if (shape.length >= MAX_KEYS || room.left <= 0) break;
    const name = key.length > MAX_KEY_LENGTH ? key.slice(0, MAX_KEY_LENGTH) : key;
    room.left -= name.length;
    shape.push([name, describe(value[key], depth + 1, room)]);
  }
  if (keys.length > shape.length) shape.push(['…', `${keys.length - shape.length} more`]);
  return Object.fromEntries(shape);
}

/** Each kind of element once. */
function describeList(list: readonly Json[], depth: number, room: Room): Json {
  if (depth >= MAX_DEPTH) return 'array';
  const kinds = new Map<string, Json>();
  for (const element of list.slice(0, MAX_ELEMENTS)) {
    if (room.left <= 0) break;
    const shape = describe(element, depth + 1, room);
    kinds.set(typeof shape === 'string' ? shape : JSON.stringify(shape), shape);
  }
  return [...kinds.values()];
}
