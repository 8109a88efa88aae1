import { scanMembers } from './json-scan.ts';

export interface ObjectEdit {
  readonly remove?: readonly string[];
  /** JSON text for each key, in the place of what stands there now, or added at the front. Wins over `remove`. */
  readonly set?: Readonly<Record<string, string | Uint8Array>>;
}

/**
 * The same object with some members removed or replaced. Every other member stays as its sender wrote it, byte for byte:
 * numbers beyond 2^53, unknown members, their order. Only the white space between members is not kept.
 * @throws JsonShapeError when `bytes` is not an object.
 */
export function editObject(bytes: Uint8Array, edit: ObjectEdit): Uint8Array {
  const set = edit.set ?? {};
  const members = scanMembers(bytes);
  const parts: Uint8Array[] = [];
  for (const [key, value] of Object.entries(set)) {
    if (!members.some((member) => member.key === key)) parts.push(keyBytes(key), toBytes(value), COMMA);
  }
  for (const { key, from, value } of members) {
    const replacement = Object.hasOwn(set, key) ? set[key] : undefined;
    if (replacement !== undefined) parts.push(bytes.subarray(from, value.start), toBytes(replacement), COMMA);
    else if (!edit.remove?.includes(key)) parts.push(bytes.subarray(from, value.end), COMMA);
  }
  parts.pop();
  return Buffer.concat([OPEN, ...parts, CLOSE]);
}

function keyBytes(key: string): Uint8Array {
  return Buffer.from(`${JSON.stringify(key)}:`);
}

function toBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : value;
}

/** The bytes of one member's value, or undefined when the object has no such member. @throws JsonShapeError */
export function memberBytes(bytes: Uint8Array, key: string): Uint8Array | undefined {
  const member = scanMembers(bytes).find((candidate) => candidate.key === key);
  return member && bytes.subarray(member.value.start, member.value.end);
}

const OPEN = Buffer.from('{');
const CLOSE = Buffer.from('}');
const COMMA = Buffer.from(',');
