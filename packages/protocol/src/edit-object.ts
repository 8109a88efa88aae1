import { scanMembers } from './json-scan.ts';

export interface ObjectEdit {
  readonly remove?: readonly string[];
  /** JSON text for each key, in the place of what stands there now, or added at the front. */
  readonly set?: Readonly<Record<string, string | Uint8Array>>;
}

/**
 * The same object with some members removed or replaced; every other byte stays as its sender wrote it, numbers beyond
 * 2^53 and unknown members included.
 * @throws JsonShapeError when `bytes` is not an object.
 */
export function editObject(bytes: Uint8Array, edit: ObjectEdit): Uint8Array {
  const set = edit.set ?? {};
  const members = scanMembers(bytes);
  const kept = members.filter(({ key }) => !Object.hasOwn(set, key) && !edit.remove?.includes(key));
  const parts: Uint8Array[] = [];
  for (const [key, value] of Object.entries(set)) {
    parts.push(Buffer.from(`${JSON.stringify(key)}:`), typeof value === 'string' ? Buffer.from(value) : value, COMMA);
  }
  for (const { from, value } of kept) parts.push(bytes.subarray(from, value.end), COMMA);
  parts.pop();
  return Buffer.concat([OPEN, ...parts, CLOSE]);
}

/** The bytes of one member's value, or undefined when the object has no such member. @throws JsonShapeError */
export function memberBytes(bytes: Uint8Array, key: string): Uint8Array | undefined {
  const member = scanMembers(bytes).find((candidate) => candidate.key === key);
  return member && bytes.subarray(member.value.start, member.value.end);
}

const OPEN = Buffer.from('{');
const CLOSE = Buffer.from('}');
const COMMA = Buffer.from(',');
