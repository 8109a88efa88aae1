/**
 * What the address itself says: WebSocket has schemes of its own, and HTTP+SSE is customarily at `/sse`. The rest is
 * found out when the server is reached.
 */
export function remoteTypeOf(url: string): 'http' | 'sse' | 'websocket' {
  if (/^wss?:/i.test(url)) return 'websocket';
  return /^[^?#]*\/sse\/?(?:[?#]|$)/.test(url) ? 'sse' : 'http';
}
