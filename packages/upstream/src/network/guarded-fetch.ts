import type { GuardedAgent } from './guarded-agent.ts';
import type { ResolveName } from './guarded-connector.ts';
import { networkErrors } from './network-errors.ts';
import { isLoopback } from './no-proxy.ts';
import type { Reach } from './reach.ts';

export interface GuardedFetchOptions {
  readonly reach: Reach;
  /** How names are looked up; the system's way by default. */
  readonly resolveName?: ResolveName;
  /** Bytes of an answer; 1 MiB by default. */
  readonly maxBytes?: number;
  /** Milliseconds to a connection, to the head of an answer, and between two pieces of it; 10 s by default. */
  readonly timeout?: number;
}

export interface GuardedFetch {
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

/**
 * A fetch for addresses that others have told the host: of keys, of tokens, of metadata. It goes where `reach` allows, to
 * the very addresses that were looked at; through TLS, but for this machine; to no other place by a redirect, which is an
 * answer like any other; it follows no proxy of the environment, sends and keeps no cookies, takes no compressed answer
 * (93 bytes can be 50 MiB), and no more bytes than it was told.
 * @throws NETWORK_ADDRESS_REFUSED, NETWORK_URL_REFUSED, NETWORK_ANSWER_REFUSED, or what fetch throws
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const { reach, resolveName, maxBytes = 1024 * 1024, timeout = 10_000 } = options;
  let opened: Promise<GuardedAgent> | undefined;
  let isClosed = false;
  // Most hosts send none of these requests: what sends them is loaded with the first.
  const open = async (): Promise<GuardedAgent> => {
    const { createGuardedAgent } = await import('./guarded-agent.ts');
    const agent = createGuardedAgent({ reach, resolveName, timeout });
    if (isClosed) await agent.close();
    return agent;
  };

  async function guarded(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const { url, request } = await partsOf(input, init);
    checkUrl(url);
    const headers = new Headers(request.headers);
    headers.set('accept-encoding', 'identity');
    opened ??= open();
    const { send } = await opened;
    const response = await send(url, { ...request, headers: [...headers], redirect: 'manual' }).catch(
      (error: unknown) => {
        throw causeOf(error);
      },
    );
    return bounded(response, url.hostname, maxBytes);
  }

  return {
    fetch: guarded as typeof fetch,
    async close() {
      isClosed = true;
      await (await opened)?.close();
    },
  };
}

/** A Request of another library is taken apart: it may be of another implementation. */
async function partsOf(input: string | URL | Request, init: RequestInit): Promise<{ url: URL; request: RequestInit }> {
  if (typeof input === 'string' || input instanceof URL) return { url: parse(String(input)), request: init };
  const { method, headers, signal } = input;
  const body = input.body === null ? {} : { body: await input.arrayBuffer() };
  return { url: parse(input.url), request: { method, headers, signal, ...body, ...init } };
}

function parse(text: string): URL {
  if (!URL.canParse(text)) throw urlRefused('it is no URL');
  return new URL(text);
}

/** @throws NETWORK_URL_REFUSED */
function checkUrl({ protocol, hostname, username, password }: URL): void {
  if (username !== '' || password !== '') throw urlRefused('it holds a user name or a password');
  if (protocol === 'https:') return;
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (protocol !== 'http:') throw urlRefused('it has to begin with https://');
  if (!isLoopback({ host })) throw urlRefused('it has to begin with https://, since it is not on this machine');
}

function bounded(response: Response, host: string, maxBytes: number): Response {
  const { status, headers, body } = response;
  const encoding = headers.get('content-encoding') ?? 'identity';
  const length = Number(headers.get('content-length') ?? 0);
  const problem =
    encoding.toLowerCase() === 'identity' ? (length > maxBytes ? tooLarge(maxBytes) : undefined) : 'it is compressed';
  if (problem !== undefined) {
    void body?.cancel().catch(() => undefined);
    throw networkErrors.ANSWER_REFUSED({ details: { host, problem } });
  }
  const counted = body?.pipeThrough(byteLimit(host, maxBytes)) ?? null;
  return new Response(counted, { status, headers: [...headers] });
}

function byteLimit(host: string, maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen <= maxBytes) controller.enqueue(chunk);
      else controller.error(networkErrors.ANSWER_REFUSED({ details: { host, problem: tooLarge(maxBytes) } }));
    },
  });
}

function tooLarge(maxBytes: number): string {
  return `it is larger than ${maxBytes} bytes`;
}

function urlRefused(problem: string): Error {
  return networkErrors.URL_REFUSED({ details: { problem } });
}

/** The reason is in the cause of `fetch failed`. */
function causeOf(error: unknown): unknown {
  return error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
}
