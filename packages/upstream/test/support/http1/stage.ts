import type { Socket } from 'node:net';
import { DrivenClock } from '@hostler/test-kit';
import { openSockets } from '../../../src/http1/origin-sockets.ts';
import type { OriginRequest } from '../../../src/http1/origin-sockets.ts';
import { connectorOf } from '../../../src/network/connector.ts';
import type { Connector } from '../../../src/network/connector.ts';
import { RawServer } from './raw-server.ts';
import type { Peer } from './raw-server.ts';
import { RecordedReply } from './recorded-reply.ts';
import type { Reactions } from './recorded-reply.ts';
import { until } from './until.ts';

export interface StageOptions {
  readonly most?: number;
  /** Around the connector that opens real sockets. */
  readonly connect?: (real: Connector) => Connector;
  readonly open?: typeof openSockets;
  readonly server?: RawServer;
  /** Instead of the server's own. */
  readonly origin?: URL;
  /** Of the TLS that opens the sockets. */
  readonly tls?: { readonly ca?: string; readonly servername?: string };
  /** Default: into memory that they are given, where the product has it so. */
  readonly reading?: Reading;
}

/** How the client's sockets give what they read: into memory that they are given, or by `data` as those of TLS and tunnels. */
export type Reading = 'onread' | 'data';

export const READINGS: readonly Reading[] = ['onread', 'data'];

export type ConnectOptions = Parameters<Connector>[0];

/** A client under test, the server it talks to, and what went on between them. */
export class Stage implements AsyncDisposable {
  readonly server: RawServer;
  readonly clock = new DrivenClock();
  /** What the connector was asked for. */
  readonly asked: ConnectOptions[] = [];
  /** The client's ends, in the order of their coming. */
  readonly clientSockets: Socket[] = [];
  readonly #sockets: ReturnType<typeof openSockets>;

  private constructor(server: RawServer, { most = Infinity, open = openSockets, ...options }: StageOptions) {
    this.server = server;
    const { origin = server.origin } = options;
    const product = connectorOf(options.tls ?? {});
    const real = options.reading === 'data' ? withoutOnread(product) : product;
    const connector = options.connect?.(real) ?? real;
    const connect: Connector = (asked, callback) => {
      this.asked.push(asked);
      return connector(asked, (...given) => {
        // A connector that fails may leave the socket out.
        if (given[1]) this.clientSockets.push(given[1]);
        callback(...given);
      });
    };
    this.#sockets = open({ origin, connect, most, clock: this.clock });
  }

  static async set(options: StageOptions = {}): Promise<Stage> {
    return new Stage(options.server ?? (await RawServer.start()), options);
  }

  /** Sends a request, a POST with a body if nothing else is said. */
  send(request: Partial<OriginRequest> = {}, reactions: Reactions = {}, keeps = true): RecordedReply {
    const reply = new RecordedReply(reactions, keeps);
    const usual: OriginRequest =
      request.method === undefined || request.method === 'POST'
        ? { method: 'POST', path: '/mcp', headers: [], body: Buffer.from('{}') }
        : { method: request.method, path: '/mcp', headers: [] };
    this.#sockets.send({ ...usual, ...request }, reply);
    return reply;
  }

  /** Sends a request and has the peer give this answer to it. */
  async exchange(peer: Peer, bytes: string): Promise<RecordedReply> {
    const reply = this.send();
    await peer.answer(bytes);
    return reply.over();
  }

  /** Sends pieces so that the client reads each by itself. */
  async sendApart(peer: Peer, pieces: readonly (string | Uint8Array)[]): Promise<void> {
    const client = this.clientSockets.find(({ localPort }) => localPort === peer.clientPort);
    if (client === undefined) throw new Error('no socket of the client has that port');
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      const before = client.bytesRead;
      await peer.send(piece);
      await until(() => client.destroyed || client.bytesRead >= before + piece.length);
    }
  }

  close(): Promise<void> {
    return this.#sockets.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.server.close();
  }
}

function withoutOnread(connect: Connector): Connector {
  return (options, callback) => {
    const { onread: _, ...others } = options;
    connect(others, callback);
  };
}
