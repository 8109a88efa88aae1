import { request as httpRequest } from 'node:http';
import type { RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Clock } from '@hostler/kernel';
import { NetworkFailure } from './network-failure.ts';
import type { Proxy } from './proxy.ts';

export interface TunnelOptions {
  readonly proxy: Proxy;
  /** `host:port` of the server. */
  readonly authority: string;
  readonly timeout: number;
  readonly clock: Clock;
}

/** A connection to a server through an HTTP proxy. Source: RFC 9110, 9.3.6 (CONNECT). @throws NetworkFailure */
export function openTunnel({ proxy, authority, timeout, clock }: TunnelOptions): Promise<Socket> {
  const { url, authorization } = proxy;
  const options: RequestOptions = {
    method: 'CONNECT',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    path: authority,
    headers: { host: authority, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) },
    agent: false,
  };
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const request = url.protocol === 'https:' ? httpsRequest(options) : httpRequest(options);
  const stopTimer = clock.after(timeout, () => request.destroy(new Error('the proxy does not answer in time')));
  request.once('connect', ({ statusCode = 0 }, socket: Socket, head) => {
    stopTimer();
    if (statusCode >= 200 && statusCode < 300) {
      if (head.length > 0) socket.unshift(head);
      return resolve(socket.setKeepAlive(true, KEEP_ALIVE));
    }
    socket.on('error', () => {}).destroy();
    reject(new NetworkFailure(refusal(statusCode)));
  });
  // A proxy that answers in full instead of opening a tunnel is none.
  request.once('response', (response) => {
    response.destroy();
    reject(new NetworkFailure(refusal(response.statusCode ?? 0)));
  });
  request.on('error', (cause) => {
    stopTimer();
    reject(new NetworkFailure('The proxy on the way to it cannot be reached: check proxy, or HTTPS_PROXY.', cause));
  });
  request.end();
  return promise;
}

/** Milliseconds of silence before the system asks whether the other end is still there, as on a direct connection. */
const KEEP_ALIVE = 60_000;

function refusal(status: number): string {
  if (status === 407) return 'The proxy on the way to it wants other credentials (HTTP status 407).';
  return `The proxy on the way to it refuses to connect there (HTTP status ${status}).`;
}
