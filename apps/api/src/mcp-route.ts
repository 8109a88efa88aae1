import type { Scope } from '@hostler/kernel';

/** The ways to speak MCP over one port: Streamable HTTP, the two halves of HTTP+SSE, WebSocket. */
export type McpFace = 'mcp' | 'sse' | 'messages' | 'ws';

export interface McpRoute {
  readonly face: McpFace;
  readonly scope: Scope;
}

/** `/mcp` is the whole host, `/servers/<name>/mcp` one server; a slash at the end is no other place. */
const MCP_PATH = /^\/(?:servers\/([^/?]+)\/)?(mcp|sse|messages|ws)\/?(?:\?|$)/;

/** What a request target addresses; undefined when it is no MCP endpoint. */
export function mcpRouteOf(target: string): McpRoute | undefined {
  const match = MCP_PATH.exec(target);
  if (match === null) return undefined;
  const [, name, face] = match;
  return {
    face: face as McpFace,
    scope: name === undefined ? { kind: 'all' } : { kind: 'server', name: decoded(name) },
  };
}

/** As it stands when it is not validly encoded: no server has such a name. */
function decoded(name: string): string {
  if (!name.includes('%')) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
