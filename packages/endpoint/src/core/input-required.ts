import { isJsonObject, Payload } from '@hostler/kernel';
import type { ClientRequest, JsonObject, Outcome } from '@hostler/kernel';
import {
  editObject,
  mayRequireInput,
  memberBytes,
  metaKeys,
  parseBytes,
  protocolErrors,
  resultBytes,
  resultTypeOf,
} from '@hostler/protocol';
import type { MessageId } from '@hostler/protocol';
import type { ClientExchange } from './client-exchange.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import type { Answer } from './reply.ts';

export interface InputQuestions {
  readonly inputRequests: JsonObject;
  readonly requestState: string;
  readonly serverInfo: JsonObject;
}

/** The answer that sends a modern client away to find answers. */
export function inputRequired(id: MessageId, { inputRequests, requestState, serverInfo }: InputQuestions): Answer {
  const _meta = { [metaKeys.serverInfo]: serverInfo };
  const result = { resultType: 'input_required', inputRequests, requestState, _meta };
  return { message: [resultBytes(id, result)], status: 200 };
}

/** A legacy server's question as the modern era puts it: no progress is told of it, and one by URL has no id. */
export function modernQuestion({ method, params = {} }: ClientRequest): JsonObject {
  const { elicitationId, _meta, ...others } = params;
  const isPage = method === 'elicitation/create' && params['mode'] === 'url';
  const { progressToken: _token, ...meta } = isJsonObject(_meta) ? _meta : {};
  return {
    method,
    params: {
      ...others,
      ...(isPage || elicitationId === undefined ? {} : { elicitationId }),
      ...(Object.keys(meta).length === 0 ? {} : { _meta: meta }),
    },
  };
}

/**
 * A modern server's result for a modern client, with the server's `requestState` sealed: only this consumer can send it
 * back, for this request, once. Results that ask for nothing are not looked into.
 * @throws PROTOCOL_BAD_RESULT, PROTOCOL_STATE_TOO_LARGE, JsonShapeError
 */
export function sealInput({ states }: EndpointParts, exchange: ClientExchange, outcome: Outcome): Outcome {
  if (outcome.kind === 'error' || !mayRequireInput(exchange.request.method)) return outcome;
  const bytes = outcome.payload.bytes();
  if (!viewOf(bytes).includes('"input_required"') || resultTypeOf(outcome.payload) !== 'input_required') return outcome;
  const stateBytes = memberBytes(bytes, 'requestState');
  if (stateBytes === undefined) return outcome;
  const state = parseBytes(stateBytes);
  if (typeof state !== 'string') throw protocolErrors.BAD_RESULT();
  const requestState = JSON.stringify(states.sealServerState(state, exchange));
  return { ...outcome, payload: Payload.ofBytes(editObject(bytes, { set: { requestState } })) };
}

/** Source: MCP 2025-11-25, client/elicitation, "URL elicitation required". */
export const URL_REQUIRED = -32042;

/**
 * The error with which a legacy server sends its client to a web page before the call can be made, as the modern era says
 * it: input is required, and then the request is to be sent again.
 */
export function urlRequired({ client, request }: ClientExchange, { payload }: Outcome): Outcome {
  const value = payload.value();
  const error = isJsonObject(value) ? value : {};
  const { elicitation } = client.capabilities;
  const inputRequests = questionsOf(error);
  if (inputRequests === undefined || !mayRequireInput(request.method)) return failure({ ...error, code: -32603 });
  if (!isJsonObject(elicitation) || elicitation['url'] === undefined) {
    const requiredCapabilities = { elicitation: { url: {} } };
    return failure({ ...error, code: -32021, data: { requiredCapabilities } });
  }
  return { kind: 'result', era: 'modern', payload: Payload.of({ resultType: 'input_required', inputRequests }) };
}

/** Undefined when the error does not say where to go. */
function questionsOf({ data }: JsonObject): JsonObject | undefined {
  const pages = isJsonObject(data) ? data['elicitations'] : undefined;
  if (!Array.isArray(pages) || pages.length === 0 || !pages.every(isPage)) return undefined;
  const questions = pages.map((params, index) => [
    `elicitation-${index + 1}`,
    modernQuestion({ method: 'elicitation/create', params: { ...params, mode: 'url' } }),
  ]);
  return Object.fromEntries(questions) as JsonObject;
}

function isPage(page: unknown): page is JsonObject {
  return isJsonObject(page as JsonObject) && typeof (page as JsonObject)['url'] === 'string';
}

function failure(error: JsonObject): Outcome {
  return { kind: 'error', era: 'modern', payload: Payload.of(error) };
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
