import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import type { Api } from '../create-api.ts';
import { setForwardedPeer } from '../forwarded-peer.ts';
import type { Peer } from '../forwarded-peer.ts';
import type { ServerLimits } from '../server-limits.ts';

/** Of a request from one process of the host to another. */
export const TOKEN_HEADER = 'x-hostler-token';
export const PEER_HEADER = 'x-hostler-peer';

export function socketOf(folder: string, place: number): string {
  return join(folder, `${place}.sock`);
}

export interface InsideSocketOptions {
  readonly path: string;
  readonly token: string;
  readonly api: Pick<Api, 'answer'>;
  readonly limits: ServerLimits;
}

/** More than what a client may send: the certificate of one may be part of it. */
const OWN_HEADERS = 64 * 1024;

/**
 * Takes requests that another process of the host has from its client. The socket lies in a folder of this user alone, and
 * who connects has to know the token: only then what it says of the client is believed.
 */
export async function openInsideSocket({ path, token, api, limits }: InsideSocketOptions): Promise<() => void> {
  const server: Server = process.getBuiltinModule('node:http').createServer({
    maxHeaderSize: limits.headerBytes + OWN_HEADERS,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    connectionsCheckingInterval: limits.checkInterval,
    // Who keeps them is the other process, which ends with this one.
    keepAliveTimeout: 0,
  });
  const expected = Buffer.from(token);
  server.on('request', (request, response) => {
    const peer = takePeer(request, expected);
    if (peer === undefined) return void request.socket.destroy();
    setForwardedPeer(request, peer);
    void api.answer(request, response);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(path, resolve);
  await promise;
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

function takePeer({ headers }: IncomingMessage, expected: Uint8Array): Peer | undefined {
  const shown = Buffer.from(String(headers[TOKEN_HEADER] ?? ''));
  const peer = headers[PEER_HEADER];
  delete headers[TOKEN_HEADER];
  delete headers[PEER_HEADER];
  if (shown.length !== expected.length || !timingSafeEqual(shown, expected) || typeof peer !== 'string')
    return undefined;
  return JSON.parse(Buffer.from(peer, 'base64').toString()) as Peer;
}
