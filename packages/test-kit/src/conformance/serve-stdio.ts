import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/server';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { serveStdio as serveOneEra, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { buildLastingServer } from './build-server.ts';
import type { Era, Fixture } from './fixture.ts';

/** `pinned` is what the SDK does by itself: the first message decides the era of the whole connection. */
export type StdioEra = Era | 'dual' | 'pinned';

export async function serveStdio(fixture: Fixture, era: StdioEra): Promise<void> {
  switch (era) {
    case 'legacy':
      // Without the SDK's era selection, as servers of the 2025 revisions are: server/discover is -32601 to them.
      return buildLastingServer(fixture, 'legacy').connect(new StdioServerTransport());
    case 'modern':
      serveOneEra((context) => buildLastingServer(fixture, context.era), { legacy: 'reject' });
      return;
    case 'pinned':
      serveOneEra((context) => buildLastingServer(fixture, context.era));
      return;
    case 'dual':
      return serveBothEras(fixture);
  }
}

/**
 * Both eras at the same time on one pair of pipes. Requests of the modern era are self-contained (2026-07-28
 * basic/lifecycle), so each message tells where it belongs and a host needs only one process for all its clients.
 */
async function serveBothEras(fixture: Fixture): Promise<void> {
  const wire = new StdioServerTransport();
  const modern = createLeg(wire);
  const legacy = createLeg(wire);
  wire.onmessage = (message) => {
    const leg = isModern(message) || modern.owns(message) ? modern : legacy;
    leg.deliver(message);
  };
  wire.onclose = () => {
    modern.transport.onclose?.();
    legacy.transport.onclose?.();
  };
  serveOneEra(() => buildLastingServer(fixture, 'modern'), { legacy: 'reject', transport: modern.transport });
  await buildLastingServer(fixture, 'legacy').connect(legacy.transport);
  await wire.start();
}

interface Leg {
  readonly transport: Transport;
  deliver(message: JSONRPCMessage): void;
  /** A cancellation carries no era, it belongs where the request that it names went. */
  owns(message: JSONRPCMessage): boolean;
}

function createLeg(wire: StdioServerTransport): Leg {
  const open = new Set<unknown>();
  const transport: Transport = {
    start: async () => undefined,
    close: async () => undefined,
    send: async (message) => {
      if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) open.delete(message.id);
      await wire.send(message);
    },
  };
  return {
    transport,
    deliver(message) {
      if (isJSONRPCRequest(message)) open.add(message.id);
      transport.onmessage?.(message);
    },
    owns: (message) =>
      isJSONRPCNotification(message) &&
      message.method === 'notifications/cancelled' &&
      open.has(message.params?.['requestId']),
  };
}

function isModern(message: JSONRPCMessage): boolean {
  return 'method' in message && message.params?._meta?.[PROTOCOL_VERSION_META_KEY] !== undefined;
}
