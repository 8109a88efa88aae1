import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';
import { parseBytes } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import type { Definition } from '../definition.ts';
import { posesAsAscii } from './alike.ts';
import { maySuspect, suspiciousIn, withoutSuspicious } from './suspicious-text.ts';
import type { SuspiciousPolicy } from './suspicious-text.ts';

/** Source: MCP 2025-11-25, server/tools: names of tools have 1 to 128 characters. */
const MAX_NAME_LENGTH = 128;
/** Longer ones crowd out everything else that a model is told. */
export const MAX_DESCRIPTION_LENGTH = 16_384;

/** What is to be said of a definition, and what of it is served. */
export interface CheckedDefinition {
  /** Absent: it is not offered. */
  readonly bytes?: Uint8Array;
  /** What is wrong, to stand behind the name of it; absent: nothing. */
  readonly fault?: string;
}

/** Looks at everything in a definition that a model reads. */
export function checkDefinition(definition: Definition, kind: ListName, policy: SuspiciousPolicy): CheckedDefinition {
  const { key, bytes } = definition;
  const isName = kind === 'tool' || kind === 'prompt';
  if (isName && key.length > MAX_NAME_LENGTH) return { fault: `has a name of more than ${MAX_NAME_LENGTH} characters` };
  const isSuspect = maySuspect(bytes);
  if (!isSuspect && bytes.length <= MAX_DESCRIPTION_LENGTH) return { bytes };
  const value = parseBytes(bytes);
  if (isJsonObject(value) && lengthOf(value['description']) > MAX_DESCRIPTION_LENGTH) {
    return { fault: `has a description of more than ${MAX_DESCRIPTION_LENGTH} characters` };
  }
  if (!isSuspect) return { bytes };
  if (isName && posesAsAscii(key)) return refused('has a name that looks like another one', bytes, policy);
  const found = suspiciousIn(stringsOf(value).join('\n'));
  if (found.length === 0) return { bytes };
  const fault = `has hidden characters (${found.join(', ')})`;
  if (policy !== 'strip') return refused(fault, bytes, policy);
  const plain = stripped(value);
  // What is left stands where it means something to the server: taken away, it would mean something else.
  if (suspiciousIn(stringsOf(plain).join('\n')).length > 0) return { fault: `${fault} where they cannot be left out` };
  return { fault, bytes: Buffer.from(JSON.stringify(plain)) };
}

function refused(fault: string, bytes: Uint8Array, policy: SuspiciousPolicy): CheckedDefinition {
  return policy === 'flag' ? { fault, bytes } : { fault };
}

function lengthOf(value: Json | undefined): number {
  return typeof value === 'string' ? value.length : 0;
}

/** Every text in it, names of members too. */
function stringsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(stringsOf);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...stringsOf(inner ?? null)]);
}

/** Members of a definition and of JSON Schema whose text is for a reader and nothing else. */
const FOR_READERS: ReadonlySet<string> = new Set(['title', 'description', '$comment']);

function stripped(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(stripped);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([key, inner = null]): [string, Json] => {
    const isText = typeof inner === 'string' && FOR_READERS.has(key);
    return [key, isText ? withoutSuspicious(inner) : stripped(inner)];
  });
  return Object.fromEntries(members);
}
