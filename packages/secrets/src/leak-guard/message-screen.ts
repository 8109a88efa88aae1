import type { Json } from '@hostler/kernel';
import type { ResultScreen } from './result-screen.ts';

/** Looks at every message between the host and one server for secrets that must not pass. */
export interface MessageScreen {
  /**
   * A whole JSON-RPC message from the server, as its bytes. The same bytes when there is nothing to hide; a refused
   * answer becomes an error with its id.
   */
  incoming(message: Uint8Array): Uint8Array;
  /**
   * For a large result that is passed on while it arrives, from its first byte.
   * @param isInString whether what was let through so far ends within a string
   * @returns undefined when only the whole message can be judged, which is also so when this is absent
   */
  largeResult?(isInString: () => boolean): ResultScreen | undefined;
  /**
   * What a client sends to the server: the params of a request, or its answer to a question. The same value when there
   * is nothing to hide.
   * @throws SECRET_LEAK when it is refused
   */
  outgoing<Value extends Json>(value: Value): Value;
}
