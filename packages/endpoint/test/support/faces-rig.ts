import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { JsonObject } from '@hostler/kernel';
import { createHttpEndpoint } from '../../src/index.ts';
import type { Caller, EndpointLimits, HttpEndpoint } from '../../src/index.ts';
import { FakeHost } from './fake-host.ts';
import type { FakeHostOptions } from './fake-host.ts';
import { withPatience } from './http-rig.ts';
import { ManualClock } from './manual-clock.ts';
import { RecordLog } from './record-log.ts';

export interface FacesOptions extends FakeHostOptions {
  readonly limits?: Partial<EndpointLimits>;
}

/** A real HTTP server around the faces beside Streamable HTTP: `/sse`, `/messages` and `/ws`. */
export class FacesRig implements AsyncDisposable {
  readonly host: FakeHost;
  readonly clock = new ManualClock();
  readonly log = new RecordLog();
  readonly endpoint: HttpEndpoint;
  /** What the next request is taken to address, and by whom. */
  caller: Caller = { scope: { kind: 'all' }, consumer: { name: 'alice' } };
  /** The server's side of the web sockets. */
  readonly tcp: Socket[] = [];
  readonly #server: Server;

  private constructor({ limits, ...options }: FacesOptions) {
    this.host = new FakeHost(options);
    const { host, clock, log } = this;
    this.endpoint = createHttpEndpoint({ host, clock, log, ...(limits && { limits }) });
    this.#server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
      const pathname = new URL(request.url ?? '/', 'http://localhost').pathname.replace(/\/$/, '');
      if (pathname.endsWith('/sse')) this.endpoint.serveSse(request, response, this.caller);
      else if (pathname.endsWith('/messages')) void this.endpoint.serveSseMessage(request, response, this.caller);
      else this.endpoint.serveUpgradeRequired(request, response);
    });
    this.#server.on('upgrade', (request, socket: Socket, head: Buffer) => {
      this.tcp.push(socket);
      this.endpoint.upgrade(request, socket, head, this.caller);
    });
  }

  static async start(options: FacesOptions = {}): Promise<FacesRig> {
    const rig = new FacesRig(options);
    await new Promise<void>((resolve) => rig.#server.listen(0, '127.0.0.1', resolve));
    return rig;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get socketUrl(): string {
    return `${this.url.replace('http', 'ws')}/ws`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.endpoint.close(0);
    await this.clock.pass(2_000);
    await closed;
    for (const socket of this.tcp) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A client on a WebSocket that can do what clients should not. */
export class SocketClient {
  readonly socket: WebSocket;
  readonly messages: JsonObject[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #onMessage: Array<() => void> = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as JsonObject);
      for (const resolve of this.#onMessage.splice(0)) resolve();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on('error', () => {});
  }

  /** @throws with the status when the upgrade is refused */
  static open(
    url: string,
    subprotocols: string[] = ['mcp'],
    headers: Record<string, string> = {},
  ): Promise<SocketClient> {
    const socket = new WebSocket(url, subprotocols, { headers });
    const client = new SocketClient(socket);
    const opened = new Promise<SocketClient>((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('unexpected-response', (_, response) => reject(new Error(`status ${response.statusCode}`)));
      socket.once('error', reject);
    });
    return withPatience(opened, 'an open web socket');
  }

  say(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The message at this place among all that came. */
  async message(index: number): Promise<JsonObject> {
    while (this.messages.length <= index) {
      const next = new Promise<void>((resolve) => this.#onMessage.push(resolve));
      // oxlint-disable-next-line no-await-in-loop -- one message after the other
      await withPatience(next, `message ${index}`);
    }
    return this.messages[index]!;
  }
}
