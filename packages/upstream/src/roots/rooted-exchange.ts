import type { Client, Exchange, McpRequest } from '@hostler/kernel';
import { RoutedExchange } from '../routed-exchange.ts';

/** An exchange on its way to a modern server whose roots the host answers for. */
export class RootedExchange extends RoutedExchange {
  readonly #client: Client;

  constructor(inner: Exchange, request: McpRequest) {
    super(inner, request);
    const { client } = inner;
    // The settings of a client's own roots are not ours: revision 2026-07-28 has none.
    this.#client = { ...client, capabilities: { ...client.capabilities, roots: {} } };
  }

  override get client(): Client {
    return this.#client;
  }
}
