import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { until } from './until.ts';

export interface RawServerOptions {
  readonly tls?: TlsOptions;
  readonly host?: string;
}

/** A TCP server that says what the test says, byte for byte, and never anything by itself. */
export class RawServer {
  readonly origin: URL;
  /** In the order of their coming, those that are gone included. */
  readonly peers: Peer[] = [];
  readonly #server: Server;
  #taken = 0;

  private constructor(server: Server, origin: URL) {
    this.#server = server;
    this.origin = origin;
  }

  static async start({ tls, host = '127.0.0.1' }: RawServerOptions = {}): Promise<RawServer> {
    const server = tls === undefined ? createServer({ allowHalfOpen: true }) : createTlsServer(tls);
    const accept = (socket: Socket): void => void started.peers.push(new Peer(socket));
    server.on(tls === undefined ? 'connection' : 'secureConnection', accept);
    // What becomes of a handshake is the affair of the client under test.
    server.on('tlsClientError', () => {});
    server.listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const name = host.includes(':') ? `[${host}]` : host;
    const started = new RawServer(server, new URL(`${tls === undefined ? 'http' : 'https'}://${name}:${port}`));
    return started;
  }

  /** The next connection that no one has asked for yet. */
  async accepted(): Promise<Peer> {
    const index = this.#taken++;
    await until(() => this.peers.length > index);
    return this.peers[index] as Peer;
  }

  /** Whether no client holds a connection. */
  get isDeserted(): boolean {
    return this.peers.every(({ isGone }) => isGone);
  }

  /** Nobody listens any more; what is open stays. */
  stopListening(): void {
    this.#server.close();
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The server's end of one connection. */
export class Peer {
  readonly #socket: Socket;
  #text = '';
  #isGone = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
    });
    const leave = (): void => {
      this.#isGone = true;
    };
    socket.on('end', leave).on('close', leave).on('error', leave);
  }

  /** What came and was not taken yet. */
  get pending(): string {
    return this.#text;
  }

  /** Whether the client ended the connection. */
  get isGone(): boolean {
    return this.#isGone;
  }

  get clientPort(): number | undefined {
    return this.#socket.remotePort;
  }

  /** Whether what was sent waits for the client to read. */
  get isStuck(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** Takes one whole request, its body included. */
  async request(): Promise<string> {
    await until(() => this.#text.includes('\r\n\r\n'));
    const bodyStart = this.#text.indexOf('\r\n\r\n') + 4;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#text.slice(0, bodyStart))?.[1];
    const end = bodyStart + Number(length ?? 0);
    await until(() => this.#text.length >= end);
    const request = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return request;
  }

  /** One write. Resolves when the kernel has it. */
  async send(bytes: string | Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => resolve());
    });
  }

  /** Takes one request and answers it. */
  async answer(bytes: string | Uint8Array): Promise<string> {
    const request = await this.request();
    await this.send(bytes);
    return request;
  }

  /** The last bytes and the end of the connection in one go. */
  end(bytes = ''): void {
    this.#socket.end(Buffer.from(bytes, 'latin1'));
  }

  stopReading(): void {
    this.#socket.pause();
  }

  goOnReading(): void {
    this.#socket.resume();
  }

  /** Ends it with an RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** A plain answer whose body has a length. */
export function answerOf(body: string, more = ''): string {
  return `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`;
}
