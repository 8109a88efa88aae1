import { initializedNotification, initializeRequest, modernHeaders, modernRequest } from './envelope.ts';
import type { EnvelopeOptions, WireMessage } from './envelope.ts';
import { exchange, openExchange } from './http-exchange.ts';
import type { HttpAnswer, OpenExchange } from './http-exchange.ts';

export interface SessionOptions extends EnvelopeOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly version?: string;
  readonly timeout?: number;
}

type Params = Readonly<Record<string, unknown>>;

export interface LegacySession {
  readonly id: string | undefined;
  readonly initializeResult: Readonly<Record<string, unknown>>;
  /** The headers that every further request of this session needs. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sends a request and waits for the end of the answer. */
  call(method: string, params?: Params): Promise<HttpAnswer>;
  /** Sends a request and gives the open answer, to read events one by one. */
  open(method: string, params?: Params): Promise<OpenExchange>;
  /** Sends any message: an answer to the server, a notification. */
  send(message: WireMessage): Promise<HttpAnswer>;
  /** The stream that is not tied to a call. */
  listen(headers?: Readonly<Record<string, string>>): Promise<OpenExchange>;
  end(): Promise<HttpAnswer>;
}

/** `initialize` and `notifications/initialized`, then requests of that session. */
export async function openLegacySession(url: string, options: SessionOptions = {}): Promise<LegacySession> {
  const http = { ...(options.timeout !== undefined && { timeout: options.timeout }) };
  const opening = await exchange(url, { ...http, body: initializeRequest(0, options), headers: options.headers ?? {} });
  const initializeResult = opening.messages.find((message) => message.id === 0)?.result;
  if (initializeResult === undefined) throw new Error(`initialize: HTTP ${opening.status} ${opening.text}`);
  const id = opening.headers['mcp-session-id'];
  const headers = {
    ...options.headers,
    'mcp-protocol-version': String(initializeResult['protocolVersion']),
    ...(typeof id === 'string' && { 'mcp-session-id': id }),
  };
  let lastId = 0;
  const next = (method: string, params: Params = {}): WireMessage => ({ jsonrpc: '2.0', id: ++lastId, method, params });
  const send = (body: WireMessage): Promise<HttpAnswer> => exchange(url, { ...http, headers, body });
  await send(initializedNotification);
  return {
    id: typeof id === 'string' ? id : undefined,
    initializeResult,
    headers,
    call: (method, params) => send(next(method, params)),
    open: (method, params) => openExchange(url, { ...http, headers, body: next(method, params) }),
    send,
    listen: (extra = {}) => openExchange(url, { ...http, headers: { ...headers, ...extra } }),
    end: () => exchange(url, { ...http, method: 'DELETE', headers }),
  };
}

export interface ModernCallOptions extends SessionOptions {
  readonly id?: string | number;
}

/** One self-contained request of 2026-07-28. */
export async function callModern(
  url: string,
  method: string,
  params: Params = {},
  options: ModernCallOptions = {},
): Promise<HttpAnswer> {
  return (await openModern(url, method, params, options)).finish();
}

/** As `callModern`, but gives the open answer: for `subscriptions/listen`, and to watch notifications arrive. */
export function openModern(
  url: string,
  method: string,
  params: Params = {},
  options: ModernCallOptions = {},
): Promise<OpenExchange> {
  const body = modernRequest(options.id ?? 1, method, params, options);
  return openExchange(url, {
    body,
    headers: { ...modernHeaders(body), ...options.headers },
    ...(options.timeout !== undefined && { timeout: options.timeout }),
  });
}
