import type { Connectors } from './pool-options.ts';
import { createConnectHttp } from './http/connect-http.ts';
import { connectInProcess } from './in-process/connect-in-process.ts';
import { createConnectStdio } from './stdio/connect-stdio.ts';
import type { ConnectHttpOptions } from './http/connect-http.ts';
import type { ConnectStdioOptions } from './stdio/connect-stdio.ts';
import { createConnectWebSocket } from './websocket/connect-websocket.ts';

/** The connectors for every kind of transport. */
export function createConnectors(options: ConnectStdioOptions & ConnectHttpOptions): Connectors {
  return {
    stdio: createConnectStdio(options),
    http: createConnectHttp(options),
    websocket: createConnectWebSocket(options),
    'in-process': connectInProcess,
  };
}
