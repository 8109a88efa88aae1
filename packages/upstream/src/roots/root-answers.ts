import { randomBytes } from 'node:crypto';
import { isJsonObject, Payload } from '@hostler/kernel';
import type { Clock, Exchange, JsonObject, McpRequest, Outcome } from '@hostler/kernel';
import { createStateSeal, mayRequireInput } from '@hostler/protocol';
import { RootedExchange } from './rooted-exchange.ts';
import { rootsErrors } from './roots-errors.ts';
import type { ServerRoots } from './server-roots.ts';

export type Send = (exchange: Exchange) => Promise<Outcome>;

/**
 * Answers the questions of a modern server for its roots, which come as results. Questions of other kinds in the same
 * result go on to the client; what was asked of us then waits, sealed, in the `requestState` that the client brings back.
 * Source: MCP 2026-07-28, basic/patterns/mrtr.
 */
export interface RootAnswers {
  complete(exchange: Exchange, send: Send): Promise<Outcome>;
}

/** Times in a row that a server may ask for nothing but its roots; one who asks on does not use the answer. */
const MAX_ROUNDS = 4;
/** Milliseconds for the client to answer the other questions. */
const STATE_LIFETIME = 10 * 60_000;

const MARK = Buffer.from('"roots/list"');

export function createRootAnswers(roots: ServerRoots, clock: Pick<Clock, 'now'>): RootAnswers {
  const seal = createStateSeal({ key: randomBytes(32), now: () => clock.now(), lifetime: STATE_LIFETIME });

  const answersTo = (keys: readonly string[]): JsonObject =>
    Object.fromEntries(keys.map((key) => [key, roots.answer()]));

  const bindingOf = ({ consumer, scope, request }: Exchange) => ({ consumer: consumer.name, scope, request });

  /** The request as the server wants it, with our answers to what it asked together with the client's. */
  function withOurAnswers(exchange: Exchange): McpRequest {
    const { request } = exchange;
    const { requestState, inputResponses } = request.params;
    const opened = seal.open(requestState, bindingOf(exchange));
    if (opened === undefined) return request;
    const { keys, state } = JSON.parse(opened.content) as { keys: string[]; state?: string };
    const theirs = isJsonObject(inputResponses) ? inputResponses : {};
    return retryOf(request, { ...theirs, ...answersTo(keys) }, state);
  }

  /** The questions for the client, with ours put aside. */
  function forClient(exchange: Exchange, { value, keys, others }: Questions): Outcome {
    const { requestState: state } = value;
    const content = JSON.stringify({ keys, ...(state === undefined ? {} : { state }) });
    const { text } = seal.seal(content, bindingOf(exchange));
    const payload = Payload.of({ ...value, inputRequests: others, requestState: text });
    return { kind: 'result', era: 'modern', payload };
  }

  return {
    async complete(exchange, send) {
      let request = mayRequireInput(exchange.request.method) ? withOurAnswers(exchange) : exchange.request;
      for (let round = 0; round <= MAX_ROUNDS; round++) {
        // oxlint-disable-next-line no-await-in-loop -- each round builds on the one before
        const outcome = await send(new RootedExchange(exchange, request));
        const questions = questionsOf(request.method, outcome);
        if (questions === undefined) return outcome;
        if (Object.keys(questions.others).length > 0) return forClient(exchange, questions);
        request = retryOf(request, answersTo(questions.keys), questions.value['requestState']);
      }
      throw rootsErrors.ASKED_TOO_OFTEN({ details: { limit: MAX_ROUNDS, mayHaveRun: true } });
    },
  };
}

interface Questions {
  readonly value: JsonObject;
  /** Under which it asks for its roots. */
  readonly keys: readonly string[];
  readonly others: JsonObject;
}

/** Undefined unless the result asks for roots. */
function questionsOf(method: string, { kind, payload }: Outcome): Questions | undefined {
  if (kind !== 'result' || !mayRequireInput(method)) return undefined;
  const bytes = payload.bytes();
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(MARK)) return undefined;
  const value = payload.value();
  if (!isJsonObject(value) || value['resultType'] !== 'input_required') return undefined;
  const { inputRequests } = value;
  if (!isJsonObject(inputRequests)) return undefined;
  const keys = Object.keys(inputRequests).filter((key) => {
    const question = inputRequests[key];
    return isJsonObject(question) && question['method'] === 'roots/list';
  });
  if (keys.length === 0) return undefined;
  const others = Object.fromEntries(Object.entries(inputRequests).filter(([key]) => !keys.includes(key)));
  return { value, keys, others };
}

function retryOf({ method, params }: McpRequest, inputResponses: JsonObject, state: unknown): McpRequest {
  const { requestState: _, ...others } = params;
  return {
    method,
    params: { ...others, inputResponses, ...(typeof state === 'string' ? { requestState: state } : {}) },
  };
}
