import { authErrors } from '@hostler/auth';
import type { HashedHeader } from '@hostler/auth';
import type { RequestHead } from '@hostler/endpoint';
import type { Consumer } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import type { ClientCertificate } from './client-certificate.ts';
import { apiErrors } from './errors.ts';
import { takeSignedHeaders } from './signed-headers.ts';

export interface AuthenticationOptions {
  readonly runtime: Pick<Runtime, 'consumers'>;
  /** Whether other machines reach this address. */
  readonly isExposed: boolean;
  readonly clientCertificate: Pick<ClientCertificate, 'of'>;
  /** Fires when the server stops. */
  readonly closing: AbortSignal;
}

/** A request that may have come on a connection where the same head comes again and again. */
export type RepeatableHead = RequestHead & { readonly hashed?: HashedHeader };

export interface Authentication {
  /**
   * Who has sent a request, by its head alone and before anything else of it is read. Without a promise where nothing has
   * to be waited for. From then on the request shows its credentials to nobody.
   * @throws AUTH_*, API_CLOSED
   */
  identify(request: RepeatableHead): Consumer | Promise<Consumer>;
  /**
   * Of what strangers may ask as well: who has sent it; undefined for a stranger.
   * @param onRefused hears why it is none whom `identify` lets in
   */
  find(request: RequestHead, onRefused?: (error: unknown) => void): Promise<Consumer | undefined>;
}

/** Names under which credentials are sent in a query, where they would end up in logs. Source: RFC 6750, 2.3 and 5.3. */
const IN_QUERY = /[?&](?:access_token|token|x-api-key|api[-_]?key|key)=/i;

export function createAuthentication(options: AuthenticationOptions): Authentication {
  const { isExposed, clientCertificate, closing } = options;
  const { consumers } = options.runtime;

  function identify(request: RepeatableHead): Consumer | Promise<Consumer> {
    // A reload may have taken the consumers out while the address stays what it is.
    if (consumers.isOpen && isExposed) throw apiErrors.CLOSED();
    const { headers, url = '', hashed } = request;
    const { authorization, 'x-api-key': apiKey } = headers;
    // Not deleted: that makes every later look at the headers slow.
    if (authorization !== undefined) headers.authorization = undefined;
    if (apiKey !== undefined) headers['x-api-key'] = undefined;
    const { signedHeaders } = consumers;
    const signed = signedHeaders.length === 0 ? undefined : takeSignedHeaders(headers, signedHeaders);
    if (!consumers.isOpen && url.includes('?') && IN_QUERY.test(url)) throw authErrors.INVALID();
    // One header, or several that were joined: then it is no key.
    const isBare = !consumers.isOpen && authorization === undefined && apiKey === undefined && signed === undefined;
    const certificate = isBare ? clientCertificate.of(request) : undefined;
    return consumers.identify({ authorization, apiKey: apiKey?.toString(), signed, certificate, hashed }, closing);
  }

  return {
    identify,
    async find(request, onRefused) {
      try {
        return await identify(request);
      } catch (error) {
        onRefused?.(error);
        return undefined;
      }
    },
  };
}
