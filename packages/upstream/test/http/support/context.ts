import type {
  Client,
  Clock,
  Exchange,
  HostlerError,
  HttpSpec,
  JsonObject,
  Notification,
  NetworkSpec,
  WebSocketSpec,
} from '@hostler/kernel';
import { isHostlerError } from '@hostler/kernel';
import { Secret, secretErrors } from '@hostler/secrets';
import type { ConnectContext } from '../../../src/connection.ts';
import { createConnectHttp } from '../../../src/http/connect-http.ts';
import { createConnectWebSocket } from '../../../src/websocket/connect-websocket.ts';
import { defaultUpstreamLimits } from '../../../src/limits.ts';
import { Inbox } from './inbox.ts';

/** Without proxies. */
export const connectHttp = createConnectHttp({ baseEnvironment: {} });
export const connectWebSocket = createConnectWebSocket({ baseEnvironment: {} });

export const realClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay).unref();
    return () => clearTimeout(timer);
  },
};

/** Time that passes when the test says so. */
export class DrivenClock implements Clock {
  readonly timers = new Inbox<{ readonly delay: number; readonly fire: () => void }>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  after(delay: number, callback: () => void): () => void {
    let live = true;
    this.timers.add({ delay, fire: () => live && callback() });
    return () => {
      live = false;
    };
  }

  /** Lets the next timer with such a delay pass. */
  async pass(matches: (delay: number) => boolean): Promise<number> {
    const timer = await this.timers.next(({ delay }) => matches(delay));
    this.#now += timer.delay;
    timer.fire();
    return timer.delay;
  }
}

export interface TestContext extends ConnectContext {
  readonly notifications: Inbox<Notification>;
  readonly closed: Inbox<HostlerError>;
  readonly logged: Inbox<{ level: string; fields: object; message: string }>;
}

export interface ContextOptions {
  readonly url: string;
  /** `sse` skips the search; absent: found out. Web sockets have no such choice. */
  readonly protocol?: HttpSpec['protocol'];
  readonly network?: NetworkSpec;
  readonly headers?: HttpSpec['headers'];
  readonly era?: 'legacy' | 'modern' | 'auto';
  readonly callTimeout?: number;
  readonly clock?: Clock;
  readonly client?: Client;
  readonly messageBytes?: number;
  readonly inFlight?: number;
  readonly signal?: AbortSignal;
  readonly secrets?: Record<string, string>;
  /** Takes the references of those that were to be read anew. */
  readonly expired?: string[];
}

export function contextFor(options: ContextOptions): TestContext {
  const notifications = new Inbox<Notification>();
  const closed = new Inbox<HostlerError>();
  const logged: TestContext['logged'] = new Inbox();
  const log = (level: string) => (fields: object, message: string) => logged.add({ level, fields, message });
  return {
    notifications,
    closed,
    logged,
    spec: {
      name: 'raw',
      transport: transportOf(options),
      era: options.era ?? 'auto',
      interactive: true,
      required: false,
      startTimeout: 20_000,
      callTimeout: options.callTimeout ?? 20_000,
    },
    ...(options.client === undefined ? {} : { client: options.client }),
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    clock: options.clock ?? realClock,
    limits: {
      ...defaultUpstreamLimits,
      ...(options.messageBytes === undefined ? {} : { messageBytes: options.messageBytes }),
      ...(options.inFlight === undefined ? {} : { inFlight: options.inFlight }),
    },
    secrets: {
      resolve(reference) {
        const text = options.secrets?.[reference];
        return text === undefined
          ? Promise.reject(secretErrors.NOT_FOUND({ details: { reference } }))
          : Promise.resolve(new Secret(text, { reference }));
      },
      expire: (reference) => void options.expired?.push(reference),
    },
    signal: options.signal ?? AbortSignal.timeout(30_000),
    onNotification: (notification) => notifications.add(notification),
    onClose: (reason) => closed.add(reason),
  };
}

function transportOf({ url, protocol, network, headers = {} }: ContextOptions): HttpSpec | WebSocketSpec {
  const common = { url, headers, ...(network && { network }) };
  if (url.startsWith('ws')) return { kind: 'websocket', ...common };
  return { kind: 'http', ...common, ...(protocol && { protocol }) };
}

export const plainClient: Client = {
  era: 'legacy',
  protocolVersion: '2025-11-25',
  info: { name: 'tester', version: '1' },
  capabilities: {},
};

export interface TestExchange extends Exchange {
  readonly notified: Inbox<Notification>;
  readonly asked: Inbox<{ method: string; params?: JsonObject }>;
}

type ExchangeOptions = Partial<Omit<Exchange, 'request' | 'ask'>> & { readonly ask?: Exchange['ask'] };

export function exchangeOf(method: string, params: JsonObject = {}, options: ExchangeOptions = {}): TestExchange {
  const notified = new Inbox<Notification>();
  const asked: TestExchange['asked'] = new Inbox();
  return {
    id: 'exchange-1',
    request: { method, params },
    scope: { kind: 'all' },
    consumer: { name: 'tester' },
    client: plainClient,
    signal: new AbortController().signal,
    ...options,
    notified,
    asked,
    notify: (notification) => notified.add(notification),
    ask(request, asking) {
      asked.add(request);
      return options.ask?.(request, asking) ?? Promise.reject(new Error('nobody can be asked'));
    },
  };
}

/** What a promise was rejected with, as code and details. */
export async function failureOf(promise: Promise<unknown>): Promise<{ code: string } & JsonObject> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isHostlerError(thrown)) throw new Error('a HostlerError was expected', { cause: thrown });
  return { code: thrown.code, ...thrown.details };
}
