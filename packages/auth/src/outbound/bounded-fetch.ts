import type { Clock } from '@hostler/kernel';
import { untilAborted } from '@hostler/secrets';

/** More than any metadata or token takes. */
const MAX_BYTES = 256 * 1024;
const TIMEOUT = 10_000;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export interface BoundedFetchOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether `http:` is good for this machine: only where the server is on it, or the operator says so. */
  readonly allowsLoopback: boolean;
}

/** Why nothing came of a request: our own words. */
export class FetchProblem extends Error {
  override readonly name = 'FetchProblem';
}

/** Whether requests with credentials may go there. */
export function isSecureAddress(address: string | URL, allowsLoopback: boolean): boolean {
  if (!URL.canParse(String(address))) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && allowsLoopback && LOOPBACK.test(hostname));
}

export function isLoopbackAddress(address: string): boolean {
  return URL.canParse(address) && LOOPBACK.test(new URL(address).hostname);
}

/** Addresses that a stranger named are asked: over TLS, without redirects, for a while, and for so much. */
export class BoundedFetch {
  readonly #options: BoundedFetchOptions;
  /** The first thing that went wrong: those who call `fetch` may take it for a server that has nothing to say. */
  failure: FetchProblem | undefined;
  /** That of the answer that came last. */
  status: number | undefined;

  constructor(options: BoundedFetchOptions) {
    this.#options = options;
  }

  readonly fetch = async (address: string | URL, init?: RequestInit): Promise<Response> => {
    try {
      return await this.#fetch(address, init);
    } catch (error) {
      this.#options.signal.throwIfAborted();
      const problem =
        error instanceof FetchProblem ? error : new FetchProblem('it cannot be reached', { cause: error });
      this.failure ??= problem;
      throw problem;
    }
  };

  async #fetch(address: string | URL, init: RequestInit = {}): Promise<Response> {
    const { clock, signal: outer, allowsLoopback } = this.#options;
    if (!isSecureAddress(address, allowsLoopback)) throw new FetchProblem('an address is not https');
    const timeUp = new AbortController();
    const stop = clock.after(TIMEOUT, () => timeUp.abort(new FetchProblem('it did not answer in time')));
    const signal = AbortSignal.any([outer, timeUp.signal]);
    try {
      // An address that was checked must not lead to one that was not, nor take a credential there.
      const response = await untilAborted(
        signal,
        this.#options.fetch(address, { ...init, redirect: 'manual', signal }),
      );
      if (response.status >= 300 && response.status < 400) throw new FetchProblem('it redirects');
      const body = await untilAborted(signal, readBounded(response));
      const { status, headers } = response;
      this.status = status;
      return new Response(status === 204 || status === 205 ? null : body, { status, headers });
    } finally {
      stop();
    }
  }
}

async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new FetchProblem('its answer is too long');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
