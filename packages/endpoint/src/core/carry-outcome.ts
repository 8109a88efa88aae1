import { isJsonObject, Payload } from '@hostler/kernel';
import type { Json, JsonObject, Outcome } from '@hostler/kernel';
import { editObject, memberBytes, metaKeys, resultTypeOf, translateOutcome } from '@hostler/protocol';
import type { ClientExchange } from './client-exchange.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { completeInputs } from './input-rounds.ts';
import { sealInput, URL_REQUIRED, urlRequired } from './input-required.ts';
import { privateResult } from './private-result.ts';

/** An outcome in the form of the client's era. Within one era nothing changes but what binds it to this client. */
export function carryOutcome(
  parts: EndpointParts,
  exchange: ClientExchange,
  outcome: Outcome,
): Outcome | Promise<Outcome> {
  if (outcome.era !== exchange.client.era) {
    if (outcome.passed !== undefined) return outcome;
    return exchange.client.era === 'legacy'
      ? carryToLegacy(parts, exchange, outcome)
      : carryToModern(parts, exchange, outcome);
  }
  if (outcome.era === 'legacy') return outcome;
  return exchange.request.method === 'subscriptions/listen'
    ? tagged(exchange, outcome)
    : privateResult(exchange, sealInput(parts, exchange, outcome));
}

async function carryToLegacy(parts: EndpointParts, exchange: ClientExchange, first: Outcome): Promise<Outcome> {
  const outcome = await completeInputs(exchange, first, {
    maxRounds: parts.limits.inputRounds,
    dispatch: (next) => parts.host.dispatch(next),
  });
  if (outcome.kind === 'result' && outcome.era === 'modern' && resultTypeOf(outcome.payload) !== 'complete') {
    return notCarried(exchange);
  }
  // The name of the server only matters towards the modern era.
  return translateOutcome(outcome, 'legacy', { method: exchange.request.method, serverInfo: {} });
}

async function carryToModern(parts: EndpointParts, exchange: ClientExchange, outcome: Outcome): Promise<Outcome> {
  const isError = outcome.kind === 'error';
  if (isError && errorCodeOf(outcome.payload.value()) === URL_REQUIRED) return urlRequired(exchange, outcome);
  const serverInfo = isError ? {} : await parts.serverInfos.of(exchange, exchange.client);
  return privateResult(exchange, translateOutcome(outcome, 'modern', { method: exchange.request.method, serverInfo }));
}

/** The end of a subscription names the subscription, by the id under which this client knows it. */
function tagged({ reply }: ClientExchange, outcome: Outcome): Outcome {
  if (outcome.kind === 'error') return outcome;
  const bytes = outcome.payload.bytes();
  const meta = memberBytes(bytes, '_meta') ?? EMPTY_OBJECT;
  const named = editObject(meta, { set: { [metaKeys.subscriptionId]: JSON.stringify(reply.id) } });
  return { ...outcome, payload: Payload.ofBytes(editObject(bytes, { set: { _meta: named } })) };
}

const EMPTY_OBJECT = Buffer.from('{}');

/** A task, or whatever an extension brings: no legacy revision has a place for it. */
function notCarried({ request }: ClientExchange): Outcome {
  const text = 'The server answered in a form that the protocol revision of this client does not have.';
  const isTool = request.method === 'tools/call';
  const payload: JsonObject = isTool
    ? { content: [{ type: 'text', text }], isError: true }
    : { code: -32603, message: text };
  return { kind: isTool ? 'result' : 'error', era: 'legacy', payload: Payload.of(payload) };
}

/** The JSON-RPC code of an error payload. */
export function errorCodeOf(payload: Json): number | undefined {
  const code = isJsonObject(payload) ? payload['code'] : undefined;
  return typeof code === 'number' ? code : undefined;
}
