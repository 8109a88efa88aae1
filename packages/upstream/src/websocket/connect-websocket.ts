import type { WebSocketSpec } from '@hostler/kernel';
import type { Connect, ConnectContext } from '../connection.ts';
import type { ConnectHttpOptions } from '../http/connect-http.ts';
import { failuresOf } from '../http/failures.ts';
import type { Failures } from '../http/failures.ts';
import { resolveRemote } from '../network/resolve-remote.ts';
import type { PipeReceiver } from '../pipe/message-pipe.ts';
import { openPipeConnection } from '../pipe/pipe-connection.ts';
import { openSocket } from './open-socket.ts';
import { WebSocketPipe } from './websocket-pipe.ts';

/**
 * Connects to servers that speak MCP over WebSocket: one message a text frame, subprotocol `mcp`, either era. No part of
 * the specification, but of the official v1 SDK.
 * The connector throws UPSTREAM_*, SECRET_*, or the signal's reason.
 */
export function createConnectWebSocket({ baseEnvironment }: ConnectHttpOptions): Connect {
  return (context) => {
    const { transport, name } = context.spec;
    if (transport.kind !== 'websocket') throw new TypeError('this connector serves websocket transports only');
    const target = { transport, failures: failuresOf(name, context.limits.messageBytes), baseEnvironment };
    return openPipeConnection(context, (receiver) => open(context, receiver, target));
  };
}

interface Target extends ConnectHttpOptions {
  readonly transport: WebSocketSpec;
  readonly failures: Failures;
}

async function open(
  context: ConnectContext,
  receiver: PipeReceiver,
  { transport, failures, baseEnvironment }: Target,
): Promise<WebSocketPipe> {
  const { signal, limits } = context;
  const remote = { transport, protocols: ['ws:', 'wss:'], failures, environment: baseEnvironment };
  const { url, headers, route } = await resolveRemote(context, remote);
  context.onPhase?.('connecting');
  const opened = {
    url,
    connect: route.connect,
    headers: headers.forOrigin(url.origin),
    maxBytes: limits.messageBytes,
    failures,
    signal,
    onUnauthorized: () => headers.expire(),
  };
  return new WebSocketPipe({ socket: await openSocket(opened), context, receiver, failures });
}
