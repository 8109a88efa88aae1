import type { RequestHead } from './http/http-messages.ts';
import { httpErrors } from './http-errors.ts';

export interface GuardOptions {
  /** Host names that are served beside the loopback ones: `name` for any port, `name:port` for that one. */
  readonly allowedHosts?: readonly string[];
  /** Origins of web pages that may call, beside the loopback ones: exactly `scheme://host[:port]`. */
  readonly allowedOrigins?: readonly string[];
  /** Whether `localhost`, `127.0.0.1` and `[::1]` are served and may call, with any port; default true. */
  readonly allowLoopback?: boolean;
  /** Of this path: a page for people, to which a link or a redirect of another site may lead. */
  readonly isPage?: boolean;
}

/**
 * What every request must pass before anything of it is believed. A browser that was led here by a rebound DNS name sends
 * a foreign Host, a page of another site a foreign Origin or the word that it is cross-site; a header that stands twice, or
 * a target with a host of its own, means different things to a proxy and to us.
 * @throws HTTP_TARGET_FORM, HTTP_HEADER_DUPLICATE, HTTP_HOST_REFUSED, HTTP_ORIGIN_REFUSED
 */
export function guardRequest(request: Omit<RequestHead, 'socket'>, options: GuardOptions = {}): void {
  // RFC 9112, 3.2: only proxies are sent the absolute form.
  if (request.url === undefined || !request.url.startsWith('/')) throw httpErrors.TARGET_FORM();
  requireSingleHeaders(request);
  const { host, origin, 'sec-fetch-site': site } = request.headers;
  if (host === undefined || !isHostAllowed(host.toLowerCase(), options)) throw httpErrors.HOST_REFUSED();
  // An image or a link of another site is fetched without an Origin, and the fetch is the harm: a GET can ask a server.
  const isLed = options.isPage === true && request.headers['sec-fetch-mode'] === 'navigate';
  if (origin === undefined && site === 'cross-site' && !isLed) throw httpErrors.ORIGIN_REFUSED();
  if (origin !== undefined && !isOriginAllowed(origin.toLowerCase(), options)) throw httpErrors.ORIGIN_REFUSED();
}

/** Node keeps the first of some of these and joins others; nobody should rely on either. `Mcp-*` are all single too. */
const SINGLE: ReadonlySet<string> = new Set([
  'host',
  'authorization',
  'x-api-key',
  'origin',
  'content-type',
  'content-length',
  'content-encoding',
]);

function requireSingleHeaders({ rawHeaders, headers }: Pick<RequestHead, 'rawHeaders' | 'headers'>): void {
  // Most requests have as many names as lines: then none stands twice, and the names need not be looked at.
  let names = 0;
  for (const _ in headers) names += 1;
  if (names * 2 === rawHeaders.length) return;
  const seen: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = (rawHeaders[index] as string).toLowerCase();
    if (!SINGLE.has(header) && !header.startsWith('mcp-')) continue;
    // The name is one of ours or `mcp-…` in token characters, and short: safe to repeat.
    if (seen.includes(header)) throw httpErrors.HEADER_DUPLICATE({ details: { header: header.slice(0, 64) } });
    seen.push(header);
  }
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const HOST_AND_PORT = /^(?:\[[0-9a-f:.]+\]|[^:[\]@/\s]+)(?::\d{1,5})?$/;

/** Without its port; undefined for what is no host. */
function nameOf(host: string): string | undefined {
  if (!HOST_AND_PORT.test(host)) return undefined;
  const colon = host.lastIndexOf(':');
  // Those of an IPv6 address are within its brackets.
  return colon === -1 || host.endsWith(']') ? host : host.slice(0, colon);
}

function isHostAllowed(host: string, { allowedHosts = [], allowLoopback = true }: GuardOptions): boolean {
  const name = nameOf(host);
  if (name === undefined) return false;
  if (allowLoopback && LOOPBACK.has(name)) return true;
  return allowedHosts.some((allowed) => allowed.toLowerCase() === name || allowed.toLowerCase() === host);
}

function isOriginAllowed(origin: string, { allowedOrigins = [], allowLoopback = true }: GuardOptions): boolean {
  if (allowedOrigins.some((allowed) => allowed.toLowerCase() === origin)) return true;
  const authority = /^https?:\/\/(.*)$/.exec(origin)?.[1];
  const name = authority === undefined ? undefined : nameOf(authority);
  return allowLoopback && name !== undefined && LOOPBACK.has(name);
}
