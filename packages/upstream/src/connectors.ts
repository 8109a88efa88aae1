import type { Connect } from './connection.ts';
import type { ConnectHttpOptions } from './http/connect-http.ts';
import type { Connectors } from './pool-options.ts';
import type { ConnectStdioOptions } from './stdio/connect-stdio.ts';

/**
 * The connectors for every kind of transport. What one consists of is loaded with the first server that needs it: undici,
 * ws and the files around them are 170 modules, a sixth of all that a start would read.
 */
export function createConnectors(options: ConnectStdioOptions & ConnectHttpOptions): Connectors {
  return {
    stdio: createConnectStdio(options),
    http: createConnectHttp(options),
    websocket: createConnectWebSocket(options),
    'in-process': connectInProcess,
  };
}

/** Connects to MCP servers by starting them as child processes. */
export function createConnectStdio(options: ConnectStdioOptions): Connect {
  return onFirstUse(async () => (await import('./stdio/connect-stdio.ts')).createConnectStdio(options));
}

/** Connects to servers behind HTTP: Streamable HTTP of either era, or HTTP+SSE. */
export function createConnectHttp(options: ConnectHttpOptions): Connect {
  return onFirstUse(async () => (await import('./http/connect-http.ts')).createConnectHttp(options));
}

/** Connects to servers that speak MCP over WebSocket, an extension. */
export function createConnectWebSocket(options: ConnectHttpOptions): Connect {
  return onFirstUse(async () => (await import('./websocket/connect-websocket.ts')).createConnectWebSocket(options));
}

/** Connects to server objects of either official SDK line, each connection to an object of its own. */
export const connectInProcess: Connect = async (context) =>
  (await import('./in-process/connect-in-process.ts')).connectInProcess(context);

/** One connector for all who connect: what it keeps, such as the keeper of the child processes, is there once. */
function onFirstUse(load: () => Promise<Connect>): Connect {
  let loaded: Promise<Connect> | undefined;
  return async (context) => {
    loaded ??= load();
    return (await loaded)(context);
  };
}
