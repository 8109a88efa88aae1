import type { IncomingMessage } from 'node:http';
import { authErrors } from '@hostler/auth';
import type { Consumer } from '@hostler/kernel';
import type { Runtime } from '@hostler/runtime';
import { apiErrors } from './errors.ts';

export interface AuthenticationOptions {
  readonly runtime: Pick<Runtime, 'consumers'>;
  /** Whether other machines reach this address. */
  readonly isExposed: boolean;
  /** Fires when the server stops. */
  readonly closing: AbortSignal;
}

export interface Authentication {
  /**
   * Who has sent a request, by its head alone and before anything else of it is read. Without a promise where nothing has
   * to be waited for. From then on the request shows its credentials to nobody.
   * @throws AUTH_*, API_CLOSED
   */
  identify(request: IncomingMessage): Consumer | Promise<Consumer>;
  /** Of what strangers may ask as well: who has sent it; undefined for a stranger. */
  find(request: IncomingMessage): Promise<Consumer | undefined>;
}

/** Names under which credentials are sent in a query, where they would end up in logs. Source: RFC 6750, 2.3 and 5.3. */
const IN_QUERY = /[?&](?:access_token|token|x-api-key|api[-_]?key|key)=/i;

export function createAuthentication(options: AuthenticationOptions): Authentication {
  const { isExposed, closing } = options;
  const { consumers } = options.runtime;

  function identify(request: IncomingMessage): Consumer | Promise<Consumer> {
    // A reload may have taken the consumers out while the address stays what it is.
    if (consumers.isOpen && isExposed) throw apiErrors.CLOSED();
    const { headers, url = '' } = request;
    const { authorization, 'x-api-key': apiKey } = headers;
    if (authorization !== undefined) delete headers.authorization;
    if (apiKey !== undefined) delete headers['x-api-key'];
    if (!consumers.isOpen && url.includes('?') && IN_QUERY.test(url)) throw authErrors.INVALID();
    // One header, or several that were joined: then it is no key.
    return consumers.identify({ authorization, apiKey: apiKey?.toString() }, closing);
  }

  return {
    identify,
    async find(request) {
      const { authorization, 'x-api-key': apiKey } = request.headers;
      if (!consumers.isOpen && authorization === undefined && apiKey === undefined) return undefined;
      try {
        return await identify(request);
      } catch {
        return undefined;
      }
    },
  };
}
