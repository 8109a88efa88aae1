import type { ConnectionUser } from '../../src/pool.ts';
import type {
  Client,
  ClientAnswer,
  ClientRequest,
  ClientSession,
  Exchange,
  JsonObject,
  Notification,
} from '@hostler/kernel';

export interface RecordedExchange extends Exchange {
  readonly notifications: Notification[];
  readonly questions: ClientRequest[];
  readonly askedSignals: (AbortSignal | undefined)[];
  readonly controller: AbortController;
}

export interface MakeExchangeOptions {
  readonly params?: JsonObject;
  readonly client?: Client;
  readonly logLevel?: string;
  readonly answer?: (request: ClientRequest) => Promise<ClientAnswer>;
}

export const plainClient: Client = {
  era: 'legacy',
  protocolVersion: '2025-11-25',
  info: { name: 'test-client', version: '1' },
  capabilities: {},
};

/** An exchange that keeps what it is told and asked. */
export function makeExchange(method: string, options: MakeExchangeOptions = {}): RecordedExchange {
  const { params = {}, client = plainClient, logLevel, answer } = options;
  const controller = new AbortController();
  const notifications: Notification[] = [];
  const questions: ClientRequest[] = [];
  const askedSignals: (AbortSignal | undefined)[] = [];
  return {
    id: 'exchange',
    request: { method, params },
    scope: { kind: 'all' },
    consumer: { name: 'tester' },
    client,
    ...(logLevel === undefined ? {} : { logLevel }),
    signal: controller.signal,
    controller,
    notifications,
    questions,
    askedSignals,
    notify: (notification) => void notifications.push(notification),
    ask(request, asking) {
      questions.push(request);
      askedSignals.push(asking);
      return answer ? answer(request) : Promise.reject(new Error('no answer was prepared'));
    },
  };
}

export function callTool(name: string, given: JsonObject = {}, options: MakeExchangeOptions = {}): RecordedExchange {
  return makeExchange('tools/call', { ...options, params: { ...options.params, name, arguments: given } });
}

export interface RecordedSession extends ClientSession {
  readonly notifications: Notification[];
  readonly questions: ClientRequest[];
  readonly signals: AbortSignal[];
}

/** A session that keeps what it is told and asked. */
export function makeSession(id: string, answer?: (request: ClientRequest) => Promise<ClientAnswer>): RecordedSession {
  const notifications: Notification[] = [];
  const questions: ClientRequest[] = [];
  const signals: AbortSignal[] = [];
  return {
    id,
    notifications,
    questions,
    signals,
    notify: (notification) => void notifications.push(notification),
    ask(request, signal) {
      questions.push(request);
      signals.push(signal);
      return answer ? answer(request) : Promise.reject(new Error('no answer was prepared'));
    },
  };
}

/** A client that can be asked, in a session of its own. */
export function askableClient(session: ClientSession): Client {
  return { ...plainClient, capabilities: { elicitation: {}, sampling: {}, roots: {} }, session };
}

/** This client on behalf of the one consumer that most tests need. */
export function userOf(client: Client): ConnectionUser {
  return { consumer: { name: 'tests' }, client };
}
