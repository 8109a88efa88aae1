import { isJsonObject, Payload } from '@hostler/kernel';
import type { Era, Json, JsonObject, Outcome } from '@hostler/kernel';
import { metaKeys } from './client-meta.ts';
import { editObject, memberBytes } from './edit-object.ts';
import { scanElements, scanMembers } from './json-scan.ts';
import { isCacheable } from './methods.ts';

/** What a translation must know beside the outcome itself. */
export interface TranslationContext {
  readonly method: string;
  /** `serverInfo` of the server that answered, for results that become modern. */
  readonly serverInfo: JsonObject;
}

/**
 * The outcome in the form of another era; the same object when it is of that era already. Only the members that differ
 * between the eras change, everything else stays byte for byte.
 * @throws JsonShapeError when the payload is not an object.
 */
export function translateOutcome(outcome: Outcome, era: Era, context: TranslationContext): Outcome {
  if (outcome.era === era) return outcome;
  if (outcome.kind === 'error')
    return { kind: 'error', era, payload: Payload.of(translateError(outcome.payload.value(), era)) };
  const bytes = outcome.payload.bytes();
  const translated = era === 'modern' ? toModernResult(bytes, context) : toLegacyResult(bytes, context.method);
  return { kind: 'result', era, payload: Payload.ofBytes(translated) };
}

/** The `resultType` of a modern result; `complete` when it names none, as the specification asks of clients. */
export function resultTypeOf(payload: Payload): string {
  const bytes = memberBytes(payload.bytes(), 'resultType');
  const type: unknown = bytes === undefined ? 'complete' : JSON.parse(Buffer.from(bytes).toString('utf8'));
  return typeof type === 'string' ? type : 'complete';
}

function toModernResult(bytes: Uint8Array, { method, serverInfo }: TranslationContext): Uint8Array {
  const present = new Set(scanMembers(bytes).map(({ key }) => key));
  const set: Record<string, string | Uint8Array> = {};
  if (!present.has('resultType')) set['resultType'] = '"complete"';
  if (isCacheable(method)) {
    if (!present.has('ttlMs')) set['ttlMs'] = '0';
    if (!present.has('cacheScope')) set['cacheScope'] = '"private"';
  }
  const meta = present.has('_meta') ? memberBytes(bytes, '_meta') : undefined;
  set['_meta'] = editObject(meta ?? EMPTY_OBJECT, { set: { [metaKeys.serverInfo]: JSON.stringify(serverInfo) } });
  return editObject(bytes, { set });
}

function toLegacyResult(bytes: Uint8Array, method: string): Uint8Array {
  const set: Record<string, string | Uint8Array> = {};
  const remove = ['resultType', 'ttlMs', 'cacheScope'];
  const meta = memberBytes(bytes, '_meta');
  if (meta !== undefined) {
    const rest = editObject(meta, { remove: [metaKeys.serverInfo] });
    if (rest.length > EMPTY_OBJECT.length) set['_meta'] = rest;
    else remove.push('_meta');
  }
  if (method === 'tools/call') Object.assign(set, legacyStructuredContent(bytes));
  if (method === 'tools/list') Object.assign(set, legacyTools(bytes));
  return editObject(bytes, { remove, set });
}

/** Legacy structured content must be an object; anything else is wrapped, as its schema is in the list of tools. */
function legacyStructuredContent(bytes: Uint8Array): Record<string, Uint8Array> {
  const structured = memberBytes(bytes, 'structuredContent');
  if (structured === undefined || structured[0] === 0x7b) return {};
  return { structuredContent: editObject(EMPTY_OBJECT, { set: { result: structured } }) };
}

function legacyTools(bytes: Uint8Array): Record<string, Uint8Array> {
  const tools = memberBytes(bytes, 'tools');
  if (tools === undefined) return {};
  const entries = scanElements(tools, { start: 0, end: tools.length }).map(({ start, end }) => {
    const tool = tools.subarray(start, end);
    const schema = memberBytes(tool, 'outputSchema');
    if (schema === undefined || isObjectSchema(JSON.parse(Buffer.from(schema).toString('utf8')) as Json)) return tool;
    const wrapped = Buffer.concat([
      Buffer.from('{"type":"object","properties":{"result":'),
      schema,
      Buffer.from('},"required":["result"]}'),
    ]);
    return editObject(tool, { set: { outputSchema: wrapped } });
  });
  const list = entries.flatMap((entry, index) => (index === 0 ? [entry] : [COMMA, entry]));
  return { tools: Buffer.concat([Buffer.from('['), ...list, Buffer.from(']')]) };
}

function isObjectSchema(schema: Json): boolean {
  return isJsonObject(schema) && schema['type'] === 'object';
}

/** Codes that mean something only on the hop where they were said. */
const HOP_CODES: readonly Json[] = [-32020, -32021, -32022];

function translateError(error: Json, era: Era): JsonObject {
  if (!isJsonObject(error)) return { code: -32603, message: 'Internal error.' };
  if (era === 'modern' && error['code'] === -32002) return { ...error, code: -32602 };
  if (era === 'legacy' && HOP_CODES.includes(error['code'] as Json)) return { ...error, code: -32603 };
  return error;
}

const EMPTY_OBJECT = Buffer.from('{}');
const COMMA = Buffer.from(',');
