import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Inbox } from './inbox.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The JSON-RPC message of a POST. */
  readonly message: ReceivedMessage;
}

export interface ReceivedMessage {
  readonly id?: unknown;
  readonly method?: string;
  readonly params: Readonly<Record<string, unknown>> & { readonly _meta: Readonly<Record<string, unknown>> };
  readonly result?: unknown;
  readonly error?: unknown;
}

export type Respond = (received: Received, response: ServerResponse) => void;

/** An HTTP server without any SDK: it records what it receives and answers as the test says. */
export class RawServer implements AsyncDisposable {
  readonly received = new Inbox<Received>();
  /** Replies whose connection the client ended before they were complete. */
  readonly dropped = new Inbox<Received>();
  respond: Respond;
  sockets = 0;
  readonly #server;

  private constructor(respond: Respond) {
    this.respond = respond;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('connection', () => this.sockets++);
  }

  static async start(respond: Respond): Promise<RawServer> {
    const server = new RawServer(respond);
    await server.listen(0);
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/mcp`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  /** The next request with this JSON-RPC method, or HTTP method when it is not a POST. */
  next(method: string): Promise<Received> {
    return this.received.next((received) => nameOf(received) === method);
  }

  count(method: string): number {
    return this.received.all.filter((received) => nameOf(received) === method).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, text, message: JSON.parse(text === '' ? '{}' : text) as ReceivedMessage };
    response.on('close', () => {
      if (!response.writableFinished) this.dropped.add(received);
    });
    this.received.add(received);
    this.respond(received, response);
  }
}

function nameOf({ method, message }: Received): string {
  if (method !== 'POST') return method;
  return message.method ?? 'answer';
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function openEvents(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  response.flushHeaders();
}

export function sendEvent(response: ServerResponse, message: unknown, id?: string): void {
  response.write(`${id === undefined ? '' : `id: ${id}\n`}event: message\ndata: ${JSON.stringify(message)}\n\n`);
}

export const resultOf = (received: Received, result: unknown): object => ({
  jsonrpc: '2.0',
  id: received.message.id,
  result,
});

export const errorOf = (received: Received, code: number, data?: unknown): object => ({
  jsonrpc: '2.0',
  id: received.message.id,
  error: { code, message: 'upstream words', ...(data === undefined ? {} : { data }) },
});

export const notification = (method: string, params: object): object => ({ jsonrpc: '2.0', method, params });
