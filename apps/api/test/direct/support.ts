import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { HttpResponse } from '@hostler/endpoint';
import type { Logger } from '@hostler/kernel';
import { DrivenClock, settle } from '@hostler/test-kit';
import type { Certified } from '@hostler/test-kit/test-authority';
import { trackConnections } from '../../src/connections.ts';
import type { Connections } from '../../src/connections.ts';
import { createSecureServer, createServer } from '../../src/create-server.ts';
import { serveDirectly } from '../../src/direct/serve-directly.ts';
import { defaultServerLimits } from '../../src/server-limits.ts';
import type { ServerLimits } from '../../src/server-limits.ts';

/** Milliseconds; less than a test may take. */
const BOUND = 10_000;

/** Turns of the event loop until it is so. @throws when it does not become so */
export async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + BOUND;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`not in ${BOUND} ms: ${isSo.toString()}`);
    await settle();
  }
}

/** Enough turns for whatever a socket was given to come up on the other side of loopback, and for an answer to it. */
export async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await settle();
}

export async function bounded<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not in ${BOUND} ms`)), BOUND);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** One request that somebody has to answer. */
export interface Call {
  /** Who has read it. */
  readonly by: 'direct' | 'node';
  readonly path: string;
  /** All of it but how its body was framed. */
  readonly text: string;
  readonly body: string;
  readonly response: HttpResponse;
  /** How often its response has said so. */
  closes: number;
}

export interface StageOptions {
  /** Without it, Node answers everything. */
  readonly isDirect?: boolean;
  readonly limits?: Partial<ServerLimits>;
  readonly tls?: Certified;
  /** Of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Says what it was asked, if absent. */
  readonly answer?: (call: Call) => void;
}

/** A server as `listen` makes it, but for what answers, and its clients. */
export class Stage implements AsyncDisposable {
  readonly server: Server;
  readonly connections: Connections;
  readonly clock = new DrivenClock();
  /** In the order of their coming. */
  readonly calls: Call[] = [];
  /** Those of the server. */
  readonly sockets: Socket[] = [];
  readonly #clients: Client[] = [];
  readonly #answer: (call: Call) => void;

  static async set(options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(options);
    stage.server.listen(0, '127.0.0.1');
    await once(stage.server, 'listening');
    return stage;
  }

  private constructor({ isDirect = true, limits: some, tls, headers = {}, answer = echo }: StageOptions) {
    const limits = { ...defaultServerLimits, ...some };
    this.#answer = answer;
    this.server =
      tls === undefined
        ? createServer(limits)
        : createSecureServer({ limits, log: quiet, material: tls, clientCertificates: 'none' });
    this.connections = trackConnections(this.server);
    this.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      for (const name in headers) response.setHeader(name, headers[name]!);
      void this.#readByNode(request, response);
    });
    this.server.on('upgrade', ({ url = '' }: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy()).resume();
      socket.end(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n${url} ${head.toString('latin1')}`);
    });
    if (isDirect) {
      const { server, clock, connections } = this;
      serveDirectly({
        server,
        limits,
        clock,
        connections,
        headers,
        answer: ({ method, url, rawHeaders, whole }, response) =>
          this.#take({ by: 'direct', method, url, rawHeaders, body: whole.toString('latin1'), response }),
      });
    }
    this.server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
      this.sockets.push(socket),
    );
  }

  async #readByNode(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url, rawHeaders } = request;
    let body = '';
    try {
      for await (const chunk of request) body += (chunk as Buffer).toString('latin1');
    } catch {
      return;
    }
    this.#take({ by: 'node', method, url, rawHeaders, body, response });
  }

  #take({ by, method, url, rawHeaders, body, response }: Taken): void {
    const text = `${method} ${url} ${JSON.stringify(rawHeaders)} ${body}`;
    const call: Call = { by, path: url ?? '', text, body, response, closes: 0 };
    response.on('close', () => call.closes++);
    this.calls.push(call);
    this.#answer(call);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Who has answered, in turn. */
  get ways(): string {
    return this.calls.map(({ by }) => by).join(' ');
  }

  async connect(ca?: string): Promise<Client> {
    const place = { port: this.port, host: '127.0.0.1' };
    const socket = ca === undefined ? connectTcp(place) : connectTls({ ...place, ca });
    const client = new Client(socket);
    this.#clients.push(client);
    await once(socket, ca === undefined ? 'connect' : 'secureConnect');
    await until(() => this.sockets.some(({ remotePort }) => remotePort === socket.localPort));
    client.peer = this.sockets.find(({ remotePort }) => remotePort === socket.localPort)!;
    return client;
  }

  /** Resolves when the last connection has ended by itself: of each the answers that are due are counted right. */
  async finish(): Promise<void> {
    await bounded(this.connections.finish(), 'finish()');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.connections.destroy();
    await until(() => this.sockets.every(({ destroyed }) => destroyed));
  }
}

type Taken = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'> & Pick<Call, 'by' | 'body' | 'response'>;

const quiet = { debug: () => undefined } as unknown as Logger;

/** Whether Node's HTTP has the connection. */
export function isNodes(socket: Socket): boolean {
  return (socket as { readonly parser?: object }).parser !== undefined;
}

/** The answer that says what was asked. */
export function echo({ text, response }: Call): void {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': text.length });
  response.end(text, 'latin1');
}

export function later(): void {}

export interface Answer {
  readonly status: number;
  readonly statusLine: string;
  /** Names in small letters. */
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A client's end of one connection: says what the test says, byte for byte. */
export class Client {
  /** The server's end of it. */
  peer!: Socket;
  readonly socket: Socket;
  /** What came and was not taken yet. */
  text = '';
  /** The server has nothing more to say. */
  isEnded = false;
  isClosed = false;
  error: NodeJS.ErrnoException | undefined;
  #sent = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => (this.text += chunk.toString('latin1')));
    socket.on('end', () => (this.isEnded = true));
    socket.on('close', () => (this.isClosed = true));
    socket.on('error', (error) => (this.error = error));
  }

  /** One write. */
  write(bytes: string): void {
    this.#sent += bytes.length;
    this.socket.write(bytes, 'latin1');
  }

  /** One write. Resolves when the server has read it all. */
  async send(bytes: string): Promise<void> {
    this.write(bytes);
    await until(() => this.peer.bytesRead >= this.#sent || this.peer.destroyed);
  }

  /** Takes the next whole answer. */
  async answer(): Promise<Answer> {
    let taken: ReturnType<typeof takeAnswer>;
    let [seen, looked] = [-1, -1];
    await until(() => {
      const { length } = this.text;
      // While it grows it is not looked at: a text of megabytes is made whole by that, each time.
      if (length === seen && length !== looked) {
        looked = length;
        taken = takeAnswer(this.text);
      }
      seen = length;
      return taken !== undefined || (this.isClosed && looked === length);
    });
    if (taken === undefined) throw new Error(`no answer, but ${JSON.stringify(this.text)}`);
    this.text = taken.rest;
    return taken.answer;
  }

  async ask(bytes: string): Promise<Answer> {
    this.write(bytes);
    return this.answer();
  }

  /** All that comes until the server has ended the connection. */
  async rest(): Promise<string> {
    await until(() => this.isClosed);
    return this.text;
  }

  /** Ends it with an RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** The first answer of a text; undefined where it is not whole. */
function takeAnswer(text: string): { readonly answer: Answer; readonly rest: string } | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = text.slice(0, headEnd).split('\r\n');
  if (!/^HTTP\/1\.1 \d{3} /.test(statusLine)) throw new Error(`no status line: ${JSON.stringify(statusLine)}`);
  const fields: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(': ');
    const name = line.slice(0, colon).toLowerCase();
    if (name in fields) throw new Error(`${name} twice: ${text.slice(0, headEnd)}`);
    fields[name] = line.slice(colon + 2);
  }
  const status = Number(statusLine.split(' ')[1]);
  const after = text.slice(headEnd + 4);
  const taken = status < 200 || status === 204 ? { body: '', rest: after } : takeBody(after, fields);
  return taken && { answer: { status, statusLine, fields, body: taken.body }, rest: taken.rest };
}

function takeBody(text: string, fields: Answer['fields']): { body: string; rest: string } | undefined {
  if (fields['transfer-encoding'] !== 'chunked') {
    const length = Number(fields['content-length']);
    return text.length >= length ? { body: text.slice(0, length), rest: text.slice(length) } : undefined;
  }
  const pieces: string[] = [];
  for (let at = 0; ;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (text.length < end + 2) return undefined;
    if (text.slice(end, end + 2) !== '\r\n') throw new Error('a chunk has another length than it says');
    if (size === 0) return { body: pieces.join(''), rest: text.slice(end + 2) };
    pieces.push(text.slice(lineEnd + 2, end));
    at = end + 2;
  }
}

/** A plain POST. */
export function post(body = '{"jsonrpc":"2.0"}', path = '/mcp'): string {
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Of two servers, at two times. */
export function undated(text: string): string {
  return text.replaceAll(/\r\ndate: [^\r]+/gi, '\r\nDate: -');
}

/** At each position in two. */
export function cutsOf(bytes: string): (readonly [string, string])[] {
  return Array.from(bytes.slice(1), (_, index) => [bytes.slice(0, index + 1), bytes.slice(index + 1)]);
}
