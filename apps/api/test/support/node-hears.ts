import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from '../../src/create-server.ts';
import { defaultServerLimits } from '../../src/server-limits.ts';

/** One request, as somebody understands it. */
export interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly version: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** Whether all of its body is there. */
  readonly isWhole: boolean;
  /** Whether another one may follow. */
  readonly staysOpen: boolean;
}

export interface Hearing {
  readonly requests: readonly Heard[];
  /** Why it went no further; `HPE_INVALID_EOF_STATE`: something was missing. */
  readonly refusal: string | undefined;
}

export interface NodeEar extends AsyncDisposable {
  /** What Node makes of a connection on which these bytes come, and its end. */
  hear(bytes: Buffer): Promise<Hearing>;
}

/** Everything about a connection that is known at the server. */
interface Notes {
  readonly requests: Mutable<Heard>[];
  refusal: string | undefined;
  readonly closed: PromiseWithResolvers<void>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A server of Node itself, with the options of ours. */
export async function openNodeEar(headerBytes = defaultServerLimits.headerBytes): Promise<NodeEar> {
  const server = createServer({ ...defaultServerLimits, headerBytes });
  /** By the port of the client. */
  const notes = new Map<number | undefined, Notes>();
  const notesOf = (port: number | undefined): Notes => {
    const known = notes.get(port) ?? { requests: [], refusal: undefined, closed: Promise.withResolvers() };
    notes.set(port, known);
    return known;
  };

  server.on('connection', (socket: Socket) => {
    const { closed } = notesOf(socket.remotePort);
    socket.once('close', () => closed.resolve());
  });
  server.on('request', (request: IncomingMessage, response) => {
    const { method, url, httpVersion: version, headers, rawHeaders } = request;
    const staysOpen = response.shouldKeepAlive;
    const heard = { method, url, version, headers, rawHeaders, body: '', isWhole: false, staysOpen };
    notesOf(request.socket.remotePort).requests.push(heard);
    request.on('data', (chunk: Buffer) => (heard.body += chunk.toString('latin1')));
    request.on('error', () => undefined);
    request.on('end', () => {
      heard.isWhole = request.complete;
      response.end();
    });
  });
  server.on('clientError', (error: Error & { readonly code?: string }, socket) => {
    notesOf((socket as Socket).remotePort).refusal ??= error.code;
    // Not at once: what was heard before is still on its way.
    (socket as Socket).destroySoon();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    async hear(bytes) {
      const client = connect(port, '127.0.0.1');
      await once(client, 'connect');
      const found = notesOf(client.localPort);
      notes.set(client.localPort, found);
      let answer = '';
      client.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
      // It may be told that nobody reads on.
      client.on('error', () => undefined);
      const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
      client.end(bytes);
      await Promise.all([gone, found.closed.promise]);
      for (const [key, value] of notes) if (value === found) notes.delete(key);
      // Some refusals are answers of Node's own.
      const status = /^HTTP\/1\.1 (?!200)(\d+)/.exec(answer)?.[1];
      return { requests: found.requests, refusal: found.refusal ?? status };
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
