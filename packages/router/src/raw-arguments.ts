import type { Json } from '@hostler/kernel';
import { qualifiedUri } from './qualified-uri.ts';

/**
 * Arguments as the server knows its resources: texts that are qualified URIs of this server become its own URIs. The same
 * value when there is none.
 */
export function toRawArguments<Value extends Json>(args: Value, server: string): Value {
  return withoutPrefix(args, qualifiedUri(server, '')) as Value;
}

function withoutPrefix(value: Json, prefix: string): Json {
  if (typeof value === 'string') return value.startsWith(prefix) ? value.slice(prefix.length) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const entries = (value as readonly Json[]).map((entry) => withoutPrefix(entry, prefix));
    return entries.some((entry, index) => entry !== value[index]) ? entries : value;
  }
  const members = Object.entries(value).map(
    ([key, entry]) => [key, entry, entry && withoutPrefix(entry, prefix)] as const,
  );
  if (members.every(([, before, after]) => before === after)) return value;
  return Object.fromEntries(members.map(([key, , after]) => [key, after]));
}
