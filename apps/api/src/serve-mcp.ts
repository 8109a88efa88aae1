import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpEndpoint } from '@hostler/endpoint';
import type { Consumer } from '@hostler/kernel';
import type { McpRoute } from './mcp-route.ts';

export interface McpRequest {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly consumer: Consumer;
}

/** Takes a request to the face that it addresses. Never rejects. */
export function serveMcp(
  endpoint: HttpEndpoint,
  { face, scope }: McpRoute,
  { incoming, outgoing, consumer }: McpRequest,
): void | Promise<void> {
  const target = { scope, consumer };
  switch (face) {
    case 'mcp':
      return endpoint.serve(incoming, outgoing, target);
    case 'sse':
      return endpoint.serveSse(incoming, outgoing, target);
    case 'messages':
      return endpoint.serveSseMessage(incoming, outgoing, target);
    case 'ws':
      return endpoint.serveUpgradeRequired(incoming, outgoing);
  }
}
