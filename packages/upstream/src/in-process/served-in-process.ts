import type { InProcessServer } from '@hostler/kernel';

/** What `serveStdio` of `@modelcontextprotocol/server` returns. */
export interface ServedHandle {
  close(): Promise<void>;
}

/**
 * A server object for a function that serves a transport. A server of the v2 SDK that is connected directly speaks the
 * legacy era only; its `serveStdio` speaks both, over any transport:
 * `create: () => servedInProcess((transport) => serveStdio(createServer, { transport }))`.
 */
export function servedInProcess<Transport>(serve: (transport: Transport) => ServedHandle): InProcessServer {
  let handle: ServedHandle | undefined;
  return {
    connect(transport: never) {
      handle = serve(transport);
      return Promise.resolve();
    },
    async close() {
      await handle?.close();
    },
  };
}
