import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { WireMessage } from './envelope.ts';
import { createEventParser } from './server-sent-events.ts';
import type { ServerSentEvent } from './server-sent-events.ts';

export interface HttpOptions {
  readonly method?: string;
  /** Sent as they are. A list of pairs may repeat a name; then nothing is added but `Host`, if it is missing. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[];
  /** Text and bytes go out as they are, everything else as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** How long the server may be silent before the exchange fails. */
  readonly timeout?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly text: string;
  /** Empty unless the answer is an event stream. */
  readonly events: readonly ServerSentEvent[];
  /** All JSON-RPC messages: those of the events, or the one of a JSON body. */
  readonly messages: readonly WireMessage[];
}

/** An answer that has begun; events can be read while the server still writes. */
export interface OpenExchange extends AsyncDisposable {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  /** The next event that matches; those before it are passed over. Fails at the end of the stream. */
  nextEvent(matches?: (event: ServerSentEvent) => boolean): Promise<ServerSentEvent>;
  /** The next JSON-RPC message that matches. */
  nextMessage(matches?: (message: WireMessage) => boolean): Promise<WireMessage>;
  /** Reads to the end. */
  finish(): Promise<HttpAnswer>;
  /** Breaks the connection, as a client that goes away does. */
  close(): void;
}

/** One request and everything that came back. */
export async function exchange(url: string, options: HttpOptions = {}): Promise<HttpAnswer> {
  return (await openExchange(url, options)).finish();
}

/** Sends a request and resolves with the head of the answer. */
export async function openExchange(url: string, options: HttpOptions = {}): Promise<OpenExchange> {
  const { timeout = 30_000 } = options;
  const body = toBytes(options.body);
  const outgoing = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: toHeaders(url, options, body),
    agent: false, // A connection per exchange: nothing that another test left behind can matter.
    timeout,
    ...(options.signal && { signal: options.signal }),
  });
  const silence = new Error(`${url}: silent for ${timeout} ms`);
  outgoing.once('timeout', () => outgoing.destroy(silence));
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  // From here on whoever reads the body gets the error; on the request nobody listens for it any more.
  outgoing.on('error', () => undefined);
  outgoing.removeAllListeners('timeout').once('timeout', () => incoming.destroy(silence));
  return read(incoming, () => outgoing.destroy());
}

function read(incoming: IncomingMessage, close: () => void): OpenExchange {
  const isEventStream = incoming.headers['content-type']?.includes('text/event-stream') ?? false;
  const parse = createEventParser();
  const chunks = incoming.setEncoding('utf8')[Symbol.asyncIterator]();
  const pending: ServerSentEvent[] = [];
  const events: ServerSentEvent[] = [];
  let text = '';
  // Nobody may be reading when the connection breaks; whoever reads next gets the error from the iterator.
  incoming.on('error', () => undefined);

  async function pull(): Promise<boolean> {
    const { value, done } = await chunks.next();
    if (done === true) return false;
    const chunk = String(value);
    text += chunk;
    if (isEventStream) pending.push(...parse(chunk));
    return true;
  }

  async function nextEvent(matches: (event: ServerSentEvent) => boolean = () => true): Promise<ServerSentEvent> {
    for (;;) {
      for (let event = pending.shift(); event !== undefined; event = pending.shift()) {
        events.push(event);
        if (matches(event)) return event;
      }
      if (!(await pull())) throw new Error(`The stream ended; it held: ${text.slice(-2_000)}`);
    }
  }

  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    rawHeaders: incoming.rawHeaders,
    nextEvent,
    async nextMessage(matches = () => true) {
      const event = await nextEvent((candidate) => messagesOf([candidate]).some(matches));
      return JSON.parse(event.data ?? '') as WireMessage;
    },
    async finish() {
      while (await pull());
      events.push(...pending.splice(0));
      return {
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        rawHeaders: incoming.rawHeaders,
        text,
        events,
        messages: isEventStream ? messagesOf(events) : parseJson(text),
      };
    },
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
}

function messagesOf(events: readonly ServerSentEvent[]): readonly WireMessage[] {
  return events.flatMap((event) => parseJson(event.data ?? ''));
}

/** What is not JSON is no message; the text is there for tests that care. */
function parseJson(text: string): readonly WireMessage[] {
  try {
    return [JSON.parse(text) as WireMessage].flat();
  } catch {
    return [];
  }
}

function toBytes(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}

function toHeaders(
  url: string,
  { headers = {}, body }: HttpOptions,
  bytes: string | Uint8Array | undefined,
): OutgoingHttpHeaders | readonly string[] {
  if (isPairs(headers)) {
    const hasHost = headers.some(([name]) => name.toLowerCase() === 'host');
    return [...(hasHost ? [] : ['Host', new URL(url).host]), ...headers.flat()];
  }
  if (bytes === undefined) return { accept: 'text/event-stream', ...headers };
  const isJson = typeof body !== 'string' && !(body instanceof Uint8Array);
  return {
    accept: 'application/json, text/event-stream',
    ...(isJson && { 'content-type': 'application/json' }),
    'content-length': String(Buffer.byteLength(bytes)),
    ...headers,
  };
}

function isPairs(
  headers: NonNullable<HttpOptions['headers']>,
): headers is readonly (readonly [name: string, value: string])[] {
  return Array.isArray(headers);
}
