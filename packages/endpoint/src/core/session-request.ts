import type { JsonObject, McpRequest } from '@hostler/kernel';
import { hasMethod, isLogLevel, mayRequireInput, protocolErrors, resultBytes } from '@hostler/protocol';
import type { IncomingMessage, RequestTable } from '@hostler/protocol';
import { clientErrors } from '../client-errors.ts';
import { httpErrors } from '../http-errors.ts';
import { answerExchange } from './answer-exchange.ts';
import { errorAnswer } from './answers.ts';
import { ClientExchange } from './client-exchange.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import type { Reply } from './reply.ts';
import type { Session } from './session.ts';

export type Request = Extract<IncomingMessage, { kind: 'request' }>;

/**
 * Admits a request of a session: what comes back goes to the host by `answerSessionRequest`.
 * @returns undefined when it is answered already
 */
export function admitSessionRequest(
  parts: EndpointParts,
  session: Session,
  message: Request,
  reply: Reply,
): ClientExchange | undefined {
  const { id, method } = message;
  if (method === 'ping') {
    reply.finish({ message: [resultBytes(id, {})], status: 200 });
    return undefined;
  }
  try {
    checkRequest(parts, session, message);
  } catch (thrown) {
    reply.finish(errorAnswer(parts, thrown, { id, era: 'legacy' }));
    return undefined;
  }
  const { caller, client, logLevel } = session;
  const request: McpRequest = { method, params: ownParams(message) };
  const exchange = new ClientExchange({
    caller,
    client,
    request,
    reply,
    session,
    // A modern server wants to be told with every request.
    ...(logLevel === undefined ? {} : { logLevel }),
  });
  session.inFlight.set(id, exchange);
  return exchange;
}

/** A modern server would take these for what it gave out and for answers to its questions: here they are neither. */
function ownParams({ method, params }: Request): JsonObject {
  const { requestState, inputResponses, ...others } = params;
  const isPlain = requestState === undefined && inputResponses === undefined;
  return isPlain || !mayRequireInput(method) ? params : others;
}

/** Never rejects. @param onEnd called when it is answered */
export function answerSessionRequest(
  parts: EndpointParts,
  session: Session,
  exchange: ClientExchange,
  onEnd: () => void,
): Promise<void> {
  return answerExchange(parts, exchange).then((succeeded) => {
    if (succeeded && exchange.request.method === 'logging/setLevel') {
      session.logLevel = exchange.request.params['level'] as string;
    }
    session.answered(exchange.reply.id);
    session.lastUsed = parts.clock.now();
    onEnd();
  });
}

/** Takes what needs no answer. */
export function receiveFromSession(
  { host, log }: EndpointParts,
  session: Session,
  message: Exclude<IncomingMessage, Request>,
): void {
  if (message.kind !== 'notification') {
    if (!session.receiveAnswer(message)) log.debug({}, 'an answer that nobody waits for was dropped');
    return;
  }
  if (message.method === 'notifications/cancelled') cancelInFlight(session.inFlight, message.params['requestId']);
  else if (message.method === 'notifications/roots/list_changed') {
    host.notify(session.id, { method: message.method, params: message.params });
  } else if (message.method !== 'notifications/initialized') {
    log.debug({ method: message.method }, 'a notification of a client was not passed on');
  }
}

/** The client no longer wants the answer, and gets none. Unknown ids are ignored, as the specification asks. */
export function cancelInFlight(inFlight: Pick<RequestTable<ClientExchange>, 'get'>, id: unknown): void {
  const exchange = typeof id === 'string' || typeof id === 'number' ? inFlight.get(id) : undefined;
  if (exchange === undefined) return;
  exchange.cancel(clientErrors.CANCELLED());
  exchange.reply.drop();
}

function checkRequest({ limits }: EndpointParts, session: Session, { id, method, params }: Request): void {
  if (method === 'initialize') throw invalid('the session is initialized already');
  if (!hasMethod('legacy', method))
    throw protocolErrors.METHOD_NOT_FOUND({ details: { method: method.slice(0, 128) } });
  if (session.inFlight.has(id)) throw invalid('a request with this id is in flight');
  if (session.inFlight.size >= limits.inFlightPerSession) throw httpErrors.TOO_MANY_REQUESTS();
  if (method === 'logging/setLevel' && !isLogLevel(params['level'])) {
    throw protocolErrors.INVALID_PARAMS({ details: { problem: '"level" must be a log level' } });
  }
}

function invalid(problem: string): Error {
  return protocolErrors.INVALID_REQUEST({ details: { problem } });
}
