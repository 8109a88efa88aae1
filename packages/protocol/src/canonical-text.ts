import { createHash } from 'node:crypto';
import { isJsonObject } from '@hostler/kernel';
import type { Json } from '@hostler/kernel';

/** The same text for the same value, in whatever order its members were written: clients keep no order when they repeat one. */
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** SHA-256 of the canonical text, in base64url. */
export function digestOf(value: Json): string {
  return createHash('sha256').update(canonicalText(value)).digest('base64url');
}
