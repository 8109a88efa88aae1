import type { Consumer } from '@hostler/kernel';
import type { ServerTokens, TokenServer } from './server-tokens.ts';

/** What the host acts as where a connection serves everybody. */
const HOST: Consumer = Object.freeze({ name: 'hostler' });

/** The token that one connection shows to its server. */
export class ServerAuthorization {
  readonly #tokens: ServerTokens;
  readonly #server: TokenServer;
  readonly #consumer: Consumer;
  /** As it was asked for last; empty: none. */
  value = '';

  constructor(tokens: ServerTokens, server: TokenServer, consumer: Consumer = HOST) {
    this.#tokens = tokens;
    this.#server = server;
    this.#consumer = consumer;
  }

  /** Makes sure of a value that is good; undefined when nothing has to be waited for. @throws OAUTH_* */
  ready(signal: AbortSignal): Promise<void> | undefined {
    const found = this.#tokens.authorization(this.#server, this.#consumer, signal);
    if (typeof found === 'string') {
      this.value = found;
      return undefined;
    }
    return found.then((value) => {
      this.value = value;
    });
  }

  /** @returns whether the request is worth another try. @throws OAUTH_* */
  refused(
    refusal: { readonly used: string; readonly status: number; readonly challenge: string | undefined },
    signal: AbortSignal,
  ): Promise<boolean> {
    return this.#tokens.refused(this.#server, this.#consumer, { ...refusal, url: this.#server.url }, signal);
  }
}
