import { Payload } from '@hostler/kernel';
import type { Era, Json, JsonObject, Outcome } from '@hostler/kernel';
import { metaKeys } from './client-meta.ts';
import { editObject, memberBytes } from './edit-object.ts';
import { parseBytes, scanMembers } from './json-scan.ts';
import { isCacheable } from './methods.ts';
import { legacyStructuredContent, legacyTools } from './structured-content.ts';
import { withoutTaskSupport } from './task-support.ts';

/** What a translation must know beside the outcome itself. */
export interface TranslationContext {
  readonly method: string;
  /** `serverInfo` of the server that answered, for results that become modern. */
  readonly serverInfo: JsonObject;
}

/**
 * The outcome in the form of another era; the same object when it is of that era already. Only the members that differ
 * between the eras change, everything else stays byte for byte.
 * @throws JsonShapeError when the payload is not an object, or is broken where a translation has to look.
 */
export function translateOutcome(outcome: Outcome, era: Era, context: TranslationContext): Outcome {
  if (outcome.era === era) return outcome;
  const bytes = outcome.payload.bytes();
  const { kind } = outcome;
  if (kind === 'error') return { kind, era, payload: Payload.ofBytes(translateError(bytes, era)) };
  const translated = era === 'modern' ? toModernResult(bytes, context) : toLegacyResult(bytes, context.method);
  return { kind, era, payload: Payload.ofBytes(translated) };
}

/**
 * The `resultType` of a modern result; `complete` when it names none, as the specification asks of clients.
 * @throws JsonShapeError
 */
export function resultTypeOf(payload: Payload): string {
  const bytes = memberBytes(payload.bytes(), 'resultType');
  const type = bytes === undefined ? 'complete' : parseBytes(bytes);
  return typeof type === 'string' ? type : 'complete';
}

/** `resultType` is not taken over from a legacy result: there the word means nothing, here it would steer the client. */
function toModernResult(result: Uint8Array, { method, serverInfo }: TranslationContext): Uint8Array {
  const bytes = method === 'tools/list' ? withoutTaskSupport(result) : result;
  const present = new Set(scanMembers(bytes).map(({ key }) => key));
  const set: Record<string, string | Uint8Array> = { resultType: '"complete"' };
  if (isCacheable(method)) {
    if (!present.has('ttlMs')) set['ttlMs'] = '0';
    if (!present.has('cacheScope')) set['cacheScope'] = '"private"';
  }
  set['_meta'] = editObject(metaOf(bytes) ?? EMPTY_OBJECT, {
    set: { [metaKeys.serverInfo]: JSON.stringify(serverInfo) },
  });
  return editObject(bytes, { set });
}

function toLegacyResult(result: Uint8Array, method: string): Uint8Array {
  const bytes = method === 'tools/list' ? withoutTaskSupport(result) : result;
  const set: Record<string, string | Uint8Array> = {};
  const remove = ['resultType', 'ttlMs', 'cacheScope'];
  const meta = metaOf(bytes);
  if (meta !== undefined) {
    const rest = editObject(meta, { remove: [metaKeys.serverInfo] });
    if (rest.length > EMPTY_OBJECT.length) set['_meta'] = rest;
    else remove.push('_meta');
  }
  if (method === 'tools/call') Object.assign(set, legacyStructuredContent(bytes));
  if (method === 'tools/list') Object.assign(set, legacyTools(bytes));
  return editObject(bytes, { remove, set });
}

/** Undefined also for a `_meta` that is no object: some servers write null for what they do not have. */
function metaOf(result: Uint8Array): Uint8Array | undefined {
  const meta = memberBytes(result, '_meta');
  return meta?.[0] === OPEN_BRACE ? meta : undefined;
}

/** Codes that mean something only on the hop where they were said. */
const HOP_CODES: readonly Json[] = [-32020, -32021, -32022];

/** "Resource not found" has a code of its own in the legacy era only. Source: 2026-07-28, changelog. */
function translateError(error: Uint8Array, era: Era): Uint8Array {
  const bytes = memberBytes(error, 'code');
  const code = bytes === undefined ? undefined : parseBytes(bytes);
  if (era === 'modern' && code === -32002) return editObject(error, { set: { code: '-32602' } });
  if (era === 'legacy' && HOP_CODES.includes(code ?? null)) return editObject(error, { set: { code: '-32603' } });
  return error;
}

const OPEN_BRACE = 0x7b;
const EMPTY_OBJECT = Buffer.from('{}');
