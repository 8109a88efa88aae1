import type { Client, McpRequest } from '@hostler/kernel';
import { discoverResult, hasMethod, protocolErrors, resultBytes, takeClientFacts } from '@hostler/protocol';
import { errorAnswer } from './answers.ts';
import type { Caller, EndpointParts } from './endpoint-parts.ts';
import { mustStayPrivate } from './private-result.ts';
import type { Reply } from './reply.ts';
import type { Request } from './session-request.ts';

/** A modern request taken apart: every one of them brings its own client. */
export interface ModernRequest {
  readonly client: Client;
  readonly request: McpRequest;
  readonly logLevel?: string;
}

/** @throws PROTOCOL_INVALID_PARAMS, PROTOCOL_UNSUPPORTED_VERSION */
export function readModernRequest({ method, params }: Request): ModernRequest {
  const { client, logLevel, params: others } = takeClientFacts(params);
  return { client, request: { method, params: others }, ...(logLevel === undefined ? {} : { logLevel }) };
}

/** @throws PROTOCOL_METHOD_NOT_FOUND: in this era, with HTTP status 404 */
export function requireModernMethod(method: string): void {
  if (!hasMethod('modern', method)) throw protocolErrors.METHOD_NOT_FOUND({ details: { method } });
}

/** Answers `server/discover`. Never rejects. */
export async function answerDiscover(
  parts: EndpointParts,
  caller: Caller,
  client: Client,
  reply: Reply,
): Promise<void> {
  try {
    const description = await parts.host.describe(caller.scope, caller.consumer, client);
    const result = {
      ...discoverResult(description),
      ...(mustStayPrivate(caller.consumer) && { cacheScope: 'private' }),
    };
    reply.finish({ message: [resultBytes(reply.id, result)], status: 200 });
  } catch (thrown) {
    reply.finish(errorAnswer(parts, thrown, { id: reply.id, era: 'modern' }));
  }
}
