import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Failures } from '../http/failures.ts';
import type { Connector } from '../network/connector.ts';
import { untilAborted } from '@hostler/secrets';

export interface OpenSocketOptions {
  readonly url: URL;
  readonly connect: Connector;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Of one message. */
  readonly maxBytes: number;
  readonly failures: Failures;
  readonly signal: AbortSignal;
  /** The server refused the credentials. */
  onUnauthorized(): void;
}

/** Source: the WebSocket transport of the official v1 SDK. */
const SUBPROTOCOL = 'mcp';

/** @throws UPSTREAM_UNAVAILABLE, UPSTREAM_PROTOCOL, or the signal's reason */
export async function openSocket(options: OpenSocketOptions): Promise<WebSocket> {
  const { url, headers, maxBytes, failures, signal } = options;
  signal.throwIfAborted();
  const socket = new WebSocket(url, SUBPROTOCOL, {
    headers: pairsOf(headers),
    createConnection: connectionMaker(options) as never,
    maxPayload: maxBytes,
    // A compressed message may be a bomb, and most of them are too small to gain anything.
    perMessageDeflate: false,
  });
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
  socket.once('open', resolve);
  socket.once('unexpected-response', (_, { statusCode = 0 }) => {
    if (statusCode === 401) options.onUnauthorized();
    reject(failures.refused(statusCode, false));
    socket.terminate();
  });
  // It stays: ending a socket that is not open yet is an error to this library, and one without a listener ends the process.
  socket.on('error', (cause) => reject(isHandshake(cause) ? notSpoken(failures, cause) : failures.unreachable(cause)));
  try {
    await untilAborted(signal, opened);
    return socket;
  } catch (thrown) {
    socket.terminate();
    throw thrown;
  }
}

/** The sockets of our own making, so that proxies, unix sockets and certificates are the same for every transport. */
function connectionMaker({ url, connect }: OpenSocketOptions) {
  const { hostname, host, port } = url;
  const protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
  const address = { hostname: hostname.replace(/^\[(.*)\]$/, '$1'), host, port, protocol };
  return (_: unknown, callback: (error: Error | null, socket?: Socket) => void): void => {
    connect(address, (error, socket) => (error === null ? callback(null, socket) : callback(error)));
  };
}

/** What is wrong with an answer that is no error of the connection: this library gives those no code. */
function isHandshake(cause: Error): boolean {
  return !('code' in cause) && /subprotocol|Upgrade|Sec-WebSocket|extension/i.test(cause.message);
}

function notSpoken(failures: Failures, cause: Error): Error {
  return failures.protocol(
    'It does not speak WebSocket with the subprotocol mcp: check the path of its url.',
    false,
    cause,
  );
}

function pairsOf(flat: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (let index = 0; index < flat.length; index += 2) pairs[flat[index] as string] = flat[index + 1] as string;
  return pairs;
}
