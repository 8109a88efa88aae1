import { isJsonObject } from '@hostler/kernel';
import type { Client, Json, JsonObject } from '@hostler/kernel';
import { protocolErrors } from './errors.ts';
import { eraOf, modernRevisions } from './revisions.ts';

/** Keys of `_meta` with which the modern era describes client and server. Source: 2026-07-28, basic. */
export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

export interface ClientFacts {
  readonly client: Pick<Client, 'era' | 'protocolVersion' | 'info' | 'capabilities'>;
  readonly logLevel?: string;
  /** The params without the keys that describe the client. */
  readonly params: JsonObject;
}

/** The revision that a message claims in its `_meta`; undefined when it makes no claim (then it is of the legacy era). */
export function claimedRevision(params: JsonObject): unknown {
  const meta = params['_meta'];
  return isJsonObject(meta) ? meta[metaKeys.protocolVersion] : undefined;
}

/**
 * Separates what a modern request says of its client from what it says to the server.
 * @throws PROTOCOL_INVALID_PARAMS for missing or malformed keys, PROTOCOL_UNSUPPORTED_VERSION with `supported` and
 * `requested`
 */
export function takeClientFacts(params: JsonObject): ClientFacts {
  const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
  const protocolVersion = meta[metaKeys.protocolVersion];
  const info = meta[metaKeys.clientInfo];
  const capabilities = meta[metaKeys.clientCapabilities];
  const logLevel = meta[metaKeys.logLevel];
  if (typeof protocolVersion !== 'string') throw invalidMeta(metaKeys.protocolVersion, 'must be a revision');
  if (eraOf(protocolVersion) !== 'modern') {
    throw protocolErrors.UNSUPPORTED_VERSION({
      details: { requested: protocolVersion.slice(0, 64), supported: [...modernRevisions] },
    });
  }
  if (!isJsonObject(capabilities)) throw invalidMeta(metaKeys.clientCapabilities, 'must be an object');
  if (info !== undefined && !isJsonObject(info)) throw invalidMeta(metaKeys.clientInfo, 'must be an object');
  if (logLevel !== undefined && !(typeof logLevel === 'string' && LOG_LEVELS.includes(logLevel))) {
    throw invalidMeta(metaKeys.logLevel, `must be one of ${LOG_LEVELS.join(', ')}`);
  }
  const client = info === undefined ? { protocolVersion, capabilities } : { protocolVersion, info, capabilities };
  return {
    client: { era: 'modern', ...client },
    ...(logLevel === undefined ? {} : { logLevel }),
    params: withoutFacts(params, meta),
  };
}

const FACTS: ReadonlySet<string> = new Set([
  metaKeys.protocolVersion,
  metaKeys.clientInfo,
  metaKeys.clientCapabilities,
  metaKeys.logLevel,
]);

function withoutFacts(params: JsonObject, meta: JsonObject): JsonObject {
  const { _meta, ...others } = params;
  // Most say nothing else.
  if (!saysMore(meta)) return others;
  return { ...others, _meta: Object.fromEntries(Object.entries(meta).filter(([key]) => !FACTS.has(key))) };
}

function saysMore(meta: JsonObject): boolean {
  for (const key in meta) if (!FACTS.has(key)) return true;
  return false;
}

/**
 * The params of a request to a modern server on behalf of this client. Whatever the params themselves say of the client
 * is replaced: a legacy client may have written these keys too, and they are not what the host knows of it.
 */
export function withClientFacts(
  params: JsonObject,
  client: Pick<Client, 'info' | 'capabilities'>,
  logLevel?: string,
): JsonObject {
  const facts: Record<string, Json> = {
    [metaKeys.protocolVersion]: modernRevisions[0],
    [metaKeys.clientCapabilities]: client.capabilities,
  };
  if (client.info !== undefined) facts[metaKeys.clientInfo] = client.info;
  if (logLevel !== undefined) facts[metaKeys.logLevel] = logLevel;
  const given = params['_meta'];
  if (!isJsonObject(given)) return { ...params, _meta: facts };
  const { [metaKeys.clientInfo]: _info, [metaKeys.logLevel]: _logLevel, ...rest } = given;
  return { ...params, _meta: { ...rest, ...facts } };
}

/** Whether a log message of this level passes a threshold; unknown levels pass. Source: RFC 5424 severities. */
export function passesLevel(level: unknown, threshold: string): boolean {
  const rank = isLogLevel(level) ? LOG_LEVELS.indexOf(level) : -1;
  return rank === -1 || rank >= LOG_LEVELS.indexOf(threshold);
}

/** @returns whether this is a log level of the protocol. */
export function isLogLevel(level: unknown): level is string {
  return typeof level === 'string' && LOG_LEVELS.includes(level);
}

function invalidMeta(key: string, problem: string): Error {
  return protocolErrors.INVALID_PARAMS({ details: { problem: `_meta["${key}"] ${problem}` } });
}
