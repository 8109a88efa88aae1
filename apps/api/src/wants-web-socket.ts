import type { IncomingMessage } from 'node:http';
import { mcpRouteOf } from './mcp-route.ts';

/**
 * Whether a request asks for a WebSocket where there is one. Others that offer an upgrade are answered in HTTP/1.1, which
 * they must be prepared for (RFC 9110, 7.8): Java's client offers HTTP/2 with every request.
 */
export function wantsWebSocket({ headers, url = '' }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && mcpRouteOf(url)?.face === 'ws';
}
