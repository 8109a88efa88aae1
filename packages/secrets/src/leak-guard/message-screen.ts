import type { Json } from '@hostler/kernel';

/** Looks at every message between the host and one server for secrets that must not pass. */
export interface MessageScreen {
  /**
   * A whole JSON-RPC message from the server, as its bytes. The same bytes when there is nothing to hide; a refused
   * answer becomes an error with its id.
   */
  incoming(message: Uint8Array): Uint8Array;
  /**
   * What a client sends to the server: the params of a request, or its answer to a question. The same value when there
   * is nothing to hide.
   * @throws SECRET_LEAK when it is refused
   */
  outgoing<Value extends Json>(value: Value): Value;
}
