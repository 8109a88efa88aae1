import { isJsonObject } from '@hostler/kernel';
import type { Era, Json, JsonObject } from '@hostler/kernel';
import { metaKeys } from './client-meta.ts';
import { modernRevisions } from './revisions.ts';

/** A server as it describes itself, in whichever era. */
export interface ServerDescription {
  readonly era: Era;
  /** Revisions it speaks in that era; for a legacy server the negotiated one. */
  readonly revisions: readonly string[];
  /** Its `serverInfo`, unchanged. */
  readonly info: JsonObject;
  readonly capabilities: JsonObject;
  readonly instructions?: string;
  /** How long a description that was put together here may be kept, and by whom; absent: not at all. */
  readonly freshness?: { readonly ttlMs: number; readonly cacheScope: 'public' | 'private' };
  /** The result it gave, for members that we do not know; absent for a description that was put together here. */
  readonly original?: JsonObject;
}

/** Reads an `initialize` result. @throws TypeError when it is none. */
export function describeInitialize(result: Json | undefined): ServerDescription {
  if (!isJsonObject(result) || typeof result['protocolVersion'] !== 'string') {
    throw new TypeError('the initialize result has no protocolVersion');
  }
  return {
    era: 'legacy',
    revisions: [result['protocolVersion']],
    info: isJsonObject(result['serverInfo']) ? result['serverInfo'] : UNNAMED,
    ...sharedFacts(result),
  };
}

/** Reads a `server/discover` result. @throws TypeError when it is none, or names no modern revision that we speak. */
export function describeDiscover(result: Json | undefined): ServerDescription {
  if (!isJsonObject(result) || !Array.isArray(result['supportedVersions'])) {
    throw new TypeError('the discover result has no supportedVersions');
  }
  const revisions = result['supportedVersions'].filter((revision): revision is string => typeof revision === 'string');
  if (!revisions.some((revision) => (modernRevisions as readonly string[]).includes(revision))) {
    throw new TypeError('the server supports no modern revision that Hostler speaks');
  }
  const meta = isJsonObject(result['_meta']) ? result['_meta'] : {};
  const info = meta[metaKeys.serverInfo] ?? result['serverInfo'];
  return { era: 'modern', revisions, info: isJsonObject(info) ? info : UNNAMED, ...sharedFacts(result) };
}

/** The `initialize` result with which this server appears to a legacy client that negotiated `revision`. */
export function initializeResult(description: ServerDescription, revision: string): JsonObject {
  const { info, capabilities, instructions } = description;
  if (description.era === 'legacy' && description.original)
    return { ...description.original, protocolVersion: revision };
  const { extensions: _, ...legacyCapabilities } = capabilities;
  return {
    protocolVersion: revision,
    capabilities: legacyCapabilities,
    serverInfo: info,
    ...(instructions === undefined ? {} : { instructions }),
  };
}

/** The `server/discover` result with which this server appears to a modern client. */
export function discoverResult(description: ServerDescription): JsonObject {
  const { info, capabilities, instructions, original, freshness } = description;
  if (description.era === 'modern' && original) return { ...original, supportedVersions: [...modernRevisions] };
  const { tasks: _, ...modernCapabilities } = capabilities;
  return {
    resultType: 'complete',
    supportedVersions: [...modernRevisions],
    capabilities: modernCapabilities,
    ...(instructions === undefined ? {} : { instructions }),
    ttlMs: freshness?.ttlMs ?? 0,
    cacheScope: freshness?.cacheScope ?? 'private',
    _meta: { [metaKeys.serverInfo]: info },
  };
}

function sharedFacts(result: JsonObject): Pick<ServerDescription, 'capabilities' | 'instructions' | 'original'> {
  const { capabilities, instructions } = result;
  return {
    capabilities: isJsonObject(capabilities) ? capabilities : {},
    ...(typeof instructions === 'string' ? { instructions } : {}),
    original: result,
  };
}

const UNNAMED: JsonObject = { name: 'unnamed', version: '0' };
