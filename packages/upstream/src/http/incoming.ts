import { isJsonObject } from '@hostler/kernel';
import type { ClientAnswer, ClientRequest, Json, JsonObject, Notification } from '@hostler/kernel';
import { errorBytes, errorObject, messageLimits, parseMessage, resultBytes, toHostlerError } from '@hostler/protocol';
import type { IncomingMessage } from '@hostler/protocol';

/**
 * Parses a server's notification or question, whose every word is acted on.
 * @throws PROTOCOL_PARSE, PROTOCOL_INVALID_REQUEST
 */
export function parseIncoming(bytes: Uint8Array, maxBytes: number): IncomingMessage {
  return parseMessage(bytes, { ...messageLimits, stringBytes: maxBytes });
}

/** Puts a question to whoever can answer it. */
export type Ask = (request: ClientRequest) => Promise<ClientAnswer>;

/** The message that answers a server's request; `ask` is absent where there is nobody to ask. */
export async function answerTo(
  { id, method, params }: Extract<IncomingMessage, { kind: 'request' }>,
  ask: Ask | undefined,
): Promise<Uint8Array> {
  if (method === 'ping') return resultBytes(id, {});
  if (ask === undefined) {
    return errorBytes(id, { code: -32601, message: 'Method not found' });
  }
  try {
    const answer = await ask({ method, params });
    return answer.kind === 'result' ? resultBytes(id, answer.result) : errorBytes(id, answer.error);
  } catch (thrown) {
    // The server learns why nobody answered, as any caller of ours would: safe text only.
    return errorBytes(id, errorObject(toHostlerError(thrown)));
  }
}

/** The client's progress token; undefined when it wants no progress. */
export function progressTokenOf(params: JsonObject): Json | undefined {
  const meta = params['_meta'];
  return isJsonObject(meta) ? meta['progressToken'] : undefined;
}

/** The params with another progress token in the place of the client's, which is unique only to the client. */
export function withProgressToken(params: JsonObject, token: number): JsonObject {
  const meta = params['_meta'];
  return isJsonObject(meta) ? { ...params, _meta: { ...meta, progressToken: token } } : params;
}

/** The notification with the client's own token. */
export function withOriginalToken(notification: Notification, token: Json): Notification {
  return { ...notification, params: { ...notification.params, progressToken: token } };
}
