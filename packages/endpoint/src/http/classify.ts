import type { Era } from '@hostler/kernel';
import { claimedRevision, eraOf, legacyRevisions, metaKeys, namesModernEra, protocolErrors } from '@hostler/protocol';
import type { IncomingMessage as Message } from '@hostler/protocol';

/**
 * The era that a posted message belongs to. The body decides, since proxies lose headers; a header that contradicts it is
 * refused. Source: MCP 2026-07-28, basic/versioning and basic/transports.
 * @throws PROTOCOL_HEADER_MISMATCH, PROTOCOL_INVALID_PARAMS
 */
export function eraOfMessage(message: Message, header: string | undefined): Era {
  // Only legacy servers put questions, so only they get answers.
  if (message.kind !== 'request' && message.kind !== 'notification') return 'legacy';
  const headerIsModern = header !== undefined && namesModernEra(header);
  const claim = claimedRevision(message.params);
  if (message.kind === 'request' && message.method === 'initialize' && !namesKnownModern(claim)) {
    if (headerIsModern) throw mismatch('initialize belongs to the legacy era, MCP-Protocol-Version does not');
    return 'legacy';
  }
  if (claim !== undefined) {
    if (typeof claim === 'string' && header !== undefined && header !== claim) {
      throw mismatch('MCP-Protocol-Version differs from _meta');
    }
    return 'modern';
  }
  if (!headerIsModern) return 'legacy';
  if (message.kind === 'notification') return 'modern';
  throw protocolErrors.INVALID_PARAMS({ details: { problem: `_meta["${metaKeys.protocolVersion}"] is missing` } });
}

/**
 * The header of requests after `initialize`; none at all is fine, for the first revisions had none.
 * Source: MCP 2025-11-25, basic/transports (protocol version header).
 * @throws PROTOCOL_INVALID_REQUEST
 */
export function requireLegacyHeader(header: string | undefined): void {
  if (header === undefined || (legacyRevisions as readonly string[]).includes(header)) return;
  const problem = 'MCP-Protocol-Version names no revision that has sessions';
  throw protocolErrors.INVALID_REQUEST({ details: { problem } });
}

function namesKnownModern(claim: unknown): boolean {
  return typeof claim === 'string' && eraOf(claim) === 'modern';
}

function mismatch(problem: string): Error {
  return protocolErrors.HEADER_MISMATCH({ details: { problem } });
}
