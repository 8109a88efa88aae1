import type { Clock } from '@hostler/kernel';
import type { MessageScreen } from '@hostler/secrets';
import { openSockets } from '../http1/origin-sockets.ts';
import type { Route } from '../network/open-route.ts';
import type { OutboundHeaders } from '../outbound-headers.ts';
import type { ServerAuthorization } from '../server-authorization.ts';
import { ReplyReader } from './reply-reader.ts';
import type { ReplyListener } from './reply-reader.ts';

export interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  /** Names and values in turn, beside those that every request carries, in a list that never changes. */
  readonly headers: readonly string[];
  readonly body?: Uint8Array;
  /** Of the same origin; that of the link's url when absent. */
  readonly path?: string;
  /** `streams` carries what must not wait behind calls: long streams, and the answers that calls wait for. */
  readonly lane: 'calls' | 'streams';
}

/** The way to one url: its sockets and the headers that every request to it carries. */
export interface Link {
  send(request: HttpRequest, listener: ReplyListener): ReplyReader;
  /** Ends every request and socket; resolves when none is left. */
  close(): Promise<void>;
}

export interface LinkOptions {
  readonly url: URL;
  readonly route: Route;
  readonly headers: OutboundHeaders;
  readonly authorization?: ServerAuthorization | undefined;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly screen?: MessageScreen;
}

/**
 * Sockets for calls; what is beyond waits for a free one. As many as the default bound on calls in flight: 128 calls of
 * 20 ms took 44 ms with 64 sockets and 24 ms with 128, at the same cost in CPU.
 */
const CALL_SOCKETS = 128;

const FIXED: Readonly<Record<HttpRequest['method'], readonly string[]>> = {
  POST: [
    'accept',
    'application/json, text/event-stream',
    'accept-encoding',
    'identity',
    'content-type',
    'application/json',
  ],
  GET: ['accept', 'text/event-stream', 'accept-encoding', 'identity'],
  DELETE: ['accept-encoding', 'identity'],
};

/** What was put together for one list of headers. */
interface AllHeaders {
  readonly method: HttpRequest['method'];
  readonly configured: readonly string[];
  readonly token: string;
  readonly list: readonly string[];
}

export function openLink({ url, route, headers, authorization, maxBytes, clock, screen }: LinkOptions): Link {
  const { connect, forward } = route;
  // Waiting is bounded by the deadline of each call: sockets have none.
  const options = { origin: forward === undefined ? url : new URL(forward.origin), connect, clock };
  const lanes = {
    calls: openSockets({ ...options, most: CALL_SOCKETS }),
    streams: openSockets({ ...options, most: Number.POSITIVE_INFINITY }),
  };
  const ownPath = url.pathname + url.search;
  // Reading it off a URL puts it together each time.
  const { origin } = url;
  const before = forward === undefined ? '' : origin;

  const known = new WeakMap<readonly string[], AllHeaders>();

  /** With those of every request; the same list as long as all of them are the same. */
  function all(method: HttpRequest['method'], own: readonly string[]): readonly string[] {
    const configured = headers.forOrigin(origin);
    const token = authorization?.value ?? '';
    const last = known.get(own);
    if (last?.configured === configured && last.token === token && last.method === method) return last.list;
    const list = [...FIXED[method], ...configured, ...own, ...(forward?.headers ?? [])];
    if (token !== '') list.push('authorization', token);
    known.set(own, { method, configured, token, list });
    return list;
  }

  return {
    send({ method, headers: own, body, lane, path = ownPath }, listener) {
      const reader = new ReplyReader({ listener, maxBytes, clock, screen });
      const request = { method, path: before + path, headers: all(method, own) };
      lanes[lane].send(body === undefined ? request : { ...request, body }, reader);
      return reader;
    },
    async close() {
      await Promise.all([lanes.calls.close(), lanes.streams.close()]);
    },
  };
}
