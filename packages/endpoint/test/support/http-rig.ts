import { createServer, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Consumer, Json, JsonObject } from '@hostler/kernel';
import { createEventReader, errorBytes, errorObject, toHostlerError } from '@hostler/protocol';
import { createHttpEndpoint, guardRequest } from '../../src/index.ts';
import type { Caller, ConsumerBounds, EndpointLimits, HttpEndpoint } from '../../src/index.ts';
import { FakeHost } from './fake-host.ts';
import type { FakeHostOptions } from './fake-host.ts';
import { ManualClock } from './manual-clock.ts';
import { initialize, modernHeaders } from './messages.ts';
import { RecordLog } from './record-log.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, or the data of all events, parsed. */
  readonly messages: readonly JsonObject[];
}

export interface RigOptions extends FakeHostOptions {
  readonly limits?: Partial<EndpointLimits>;
  readonly isGood?: (consumer: Consumer) => boolean;
  readonly boundsOf?: (consumer: Consumer) => ConsumerBounds | undefined;
}

export type Headers = Readonly<Record<string, string>>;

/** Milliseconds after which a test gives up waiting for an event that should have come. */
const PATIENCE = 30_000;

/** A real HTTP server around the endpoint, and a client that can do what clients should not. */
export class HttpRig {
  readonly host: FakeHost;
  readonly clock = new ManualClock();
  readonly log = new RecordLog();
  readonly endpoint: HttpEndpoint;
  /** What the next request is taken to address, and by whom. */
  caller: Caller = { scope: { kind: 'all' }, consumer: { name: 'alice' } };
  readonly #server: Server;
  #onRequest: Array<(response: ServerResponse) => void> = [];
  /** The ends of connections on the server's side, by the port of the client. */
  readonly #closed = new Map<number, Promise<unknown>>();

  private constructor(options: RigOptions) {
    this.host = new FakeHost(options);
    const { host, clock, log } = this;
    const { limits, isGood, boundsOf } = options;
    this.endpoint = createHttpEndpoint({
      host,
      clock,
      log,
      ...(limits && { limits }),
      ...(isGood && { isGood }),
      ...(boundsOf && { boundsOf }),
    });
    // No help from Node's own timeouts: what must end is ended by the endpoint.
    this.#server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
      for (const resolve of this.#onRequest.splice(0)) resolve(response);
      try {
        guardRequest(request);
      } catch (thrown) {
        const error = toHostlerError(thrown);
        response.writeHead(error.kind.http, { 'content-type': 'application/json' });
        response.end(errorBytes(undefined, errorObject(error)));
        return;
      }
      void this.endpoint.serve(request, response, this.caller);
    });
    this.#server.on('connection', (socket) => {
      this.#closed.set(socket.remotePort ?? 0, new Promise((resolve) => socket.once('close', resolve)));
    });
  }

  static async start(options: RigOptions = {}): Promise<HttpRig> {
    const rig = new HttpRig(options);
    await new Promise<void>((resolve) => rig.#server.listen(0, '127.0.0.1', resolve));
    return rig;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.endpoint.close(0);
    this.clock.advance(0);
    await closed;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The server has the head of the next request. @returns what it answers with */
  nextRequest(): Promise<ServerResponse> {
    return new Promise((resolve) => this.#onRequest.push(resolve));
  }

  /** The client goes away, and the server knows of it. */
  async leave(request: ClientRequest): Promise<void> {
    const closed = this.#closed.get(request.socket?.localPort ?? 0) ?? Promise.reject(new Error('no connection'));
    request.destroy();
    await withPatience(closed, 'the end of the connection');
  }

  open(method: string, headers: Headers = {}): ClientRequest {
    return httpRequest({
      host: '127.0.0.1',
      port: this.port,
      path: '/mcp',
      method,
      agent: false,
      headers: { accept: 'application/json, text/event-stream', ...headers },
    });
  }

  /** Sends a whole body and waits for the whole answer. */
  async send(body: string | Buffer, headers: Headers = {}): Promise<HttpAnswer> {
    const request = this.open('POST', { 'content-type': 'application/json', ...headers });
    const response = responseOf(request);
    request.end(body);
    return wholeAnswer(await response);
  }

  async get(method: string, headers: Headers = {}): Promise<HttpAnswer> {
    const request = this.open(method, headers);
    const response = responseOf(request);
    request.end();
    return wholeAnswer(await response);
  }

  post(message: Json, headers: Headers = {}): Promise<HttpAnswer> {
    return this.send(JSON.stringify(message), headers);
  }

  /** A modern message with the headers that belong to it. */
  postModern(message: JsonObject, headers: Headers = {}): Promise<HttpAnswer> {
    return this.post(message, { ...modernHeaders(message), ...headers });
  }

  /** Opens a response that is read event by event. */
  async stream(method: 'GET' | 'POST', message?: JsonObject, headers: Headers = {}): Promise<EventStream> {
    const request = this.open(method, message ? { 'content-type': 'application/json', ...headers } : headers);
    const response = responseOf(request);
    request.end(message && JSON.stringify(message));
    return new EventStream(request, await response);
  }

  /** Opens a legacy session. @returns the headers that its requests carry */
  async initialize(capabilities: JsonObject = {}): Promise<Headers> {
    const answer = await this.post(initialize(capabilities));
    const id = answer.headers['mcp-session-id'];
    if (typeof id !== 'string') throw new Error(`no session: ${answer.status} ${answer.text}`);
    return { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' };
  }

  /** Sends bytes as they are and collects what comes back until the server closes, or `until` appears. */
  raw(text: string, until?: string): Promise<string> {
    return withPatience(
      new Promise((resolve, reject) => {
        const socket = connect(this.port, '127.0.0.1');
        let received = '';
        socket.on('data', (chunk) => {
          received += chunk.toString('latin1');
          if (until !== undefined && received.includes(until)) socket.destroy();
        });
        socket.on('close', () => resolve(received));
        socket.on('error', reject);
        socket.write(text, 'latin1');
      }),
      'an answer on a raw socket',
    );
  }
}

/** The events of one response as they come. */
export class EventStream {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
  readonly events: JsonObject[] = [];
  text = '';
  ended = false;
  #onChange: Array<() => void> = [];

  constructor(request: ClientRequest, response: IncomingMessage) {
    this.request = request;
    this.response = response;
    const reader = createEventReader({
      maxEventBytes: 1024 * 1024,
      onEvent: ({ data }) => this.events.push(JSON.parse(Buffer.from(data).toString()) as JsonObject),
      onOverflow: () => response.destroy(),
    });
    response.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
      reader.push(chunk);
      this.#changed();
    });
    response.on('error', () => {});
    response.on('close', () => {
      this.ended = true;
      this.#changed();
    });
  }

  /** Waits until the condition holds. */
  async until(isReached: (stream: EventStream) => boolean, what = 'an event'): Promise<void> {
    while (!isReached(this)) {
      const change = new Promise<void>((resolve) => this.#onChange.push(resolve));
      // oxlint-disable-next-line no-await-in-loop -- one change after the other
      await withPatience(change, what);
    }
  }

  async event(index: number): Promise<JsonObject> {
    await this.until(({ events }) => events.length > index, `event ${index}`);
    return this.events[index]!;
  }

  async end(): Promise<void> {
    await this.until(({ ended }) => ended, 'the end of the stream');
  }

  #changed(): void {
    for (const resolve of this.#onChange.splice(0)) resolve();
  }
}

export function withPatience<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const impatience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), PATIENCE);
  });
  return Promise.race([promise, impatience]).finally(() => clearTimeout(timer));
}

export function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
  });
  return withPatience(response, 'the head of a response');
}

export async function wholeAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const isStream = response.headers['content-type'] === 'text/event-stream';
  const data = isStream ? [...text.matchAll(/^data: (.*)$/gm)].map(([, line]) => line!) : text === '' ? [] : [text];
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    messages: data.map((line) => JSON.parse(line) as JsonObject),
  };
}
