import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { openSockets } from '../../../src/http1/origin-sockets.ts';
import type { ReplyHandler } from '../../../src/http1/reply-handler.ts';

/** The client that ours is compared with, behind the same contract as far as it goes. */
export const openUndiciSockets: typeof openSockets = ({ origin, connect, most }) => {
  const pool = new Pool(origin.origin, {
    connect,
    connections: most === Infinity ? null : most,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
    maxHeaderSize: 16 * 1024,
  });
  return {
    send({ method, path, headers, body }, handler) {
      pool.dispatch({ method, path, headers: [...headers], body: body ?? null }, adapted(handler));
    },
    close: () => pool.destroy(),
  };
};

function adapted(handler: ReplyHandler): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller) => handler.onRequestStart(controller),
    onResponseStart(controller, status, headers) {
      // Interim answers, which the contract swallows.
      if (status >= 200) handler.onResponseStart(controller, status, headers);
    },
    onResponseData: (controller, chunk) => handler.onResponseData(controller, chunk),
    onResponseEnd: (controller) => handler.onResponseEnd(controller),
    onResponseError: (controller, cause) => handler.onResponseError(controller ?? undefined, cause),
  };
}
