import { Payload } from '@hostler/kernel';
import type { Consumer, Outcome } from '@hostler/kernel';
import { editObject, isCacheable, memberBytes, parseBytes } from '@hostler/protocol';
import type { ClientExchange } from './client-exchange.ts';

/** Whether answers are for this consumer alone: it had to prove who it is to get them. */
export function mustStayPrivate({ identity }: Consumer): boolean {
  return identity !== undefined;
}

/**
 * A modern result as nobody else may keep it (`cacheScope`: MCP 2026-07-28, server/utilities/caching). A server says
 * `public` of what all its own callers may see; whom this host lets in, it does not know.
 */
export function privateResult({ consumer, request }: ClientExchange, outcome: Outcome): Outcome {
  if (!mustStayPrivate(consumer) || outcome.kind === 'error' || !isCacheable(request.method)) return outcome;
  const bytes = outcome.payload.bytes();
  // Most are not, and large ones are not taken apart to find that out.
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"public"')) return outcome;
  const said = memberBytes(bytes, 'cacheScope');
  if (said === undefined || parseBytes(said) !== 'public') return outcome;
  return { ...outcome, payload: Payload.ofBytes(editObject(bytes, { set: { cacheScope: '"private"' } })) };
}
