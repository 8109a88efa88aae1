import { NetworkFailure } from './network-failure.ts';

/** An HTTP proxy; what it holds goes into no log. */
export interface Proxy {
  readonly url: URL;
  /** The value of `Proxy-Authorization`. */
  readonly authorization?: string;
}

/** @throws NetworkFailure */
export function readProxy(text: string): Proxy {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new NetworkFailure(
      'The proxy on the way to it has no http or https address: check proxy, HTTPS_PROXY and ALL_PROXY, or set proxy to none.',
    );
  }
  if (url.username === '' && url.password === '') return { url };
  const credentials = Buffer.from(`${decoded(url.username)}:${decoded(url.password)}`).toString('base64');
  return { url, authorization: `Basic ${credentials}` };
}

/** As it stands when it is not validly encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
