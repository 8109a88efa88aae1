import type { Json, JsonObject } from '@hostler/kernel';
import { qualifiedUri } from './qualified-uri.ts';

/**
 * Arguments as the server knows its resources: texts that are qualified URIs of this server become its own URIs. The same
 * value when there is none.
 */
export function toRawArguments<Value extends Json>(args: Value, server: string): Value {
  const prefix = qualifiedUri(server, '');
  // Hardly any arguments hold one: looking first leaves nothing behind.
  return holds(args, prefix) ? (withoutPrefix(args, prefix) as Value) : args;
}

function holds(value: Json | undefined, prefix: string): boolean {
  if (typeof value === 'string') return value.startsWith(prefix);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return (value as readonly Json[]).some((entry) => holds(entry, prefix));
  const members = value as JsonObject;
  for (const key in members) if (holds(members[key], prefix)) return true;
  return false;
}

function withoutPrefix(value: Json, prefix: string): Json {
  if (typeof value === 'string') return value.startsWith(prefix) ? value.slice(prefix.length) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((entry) => withoutPrefix(entry, prefix));
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, entry && withoutPrefix(entry, prefix)]));
}
