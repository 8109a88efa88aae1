import type { Scope } from '@hostler/kernel';

/** The ways to speak MCP over one port: Streamable HTTP, the two halves of HTTP+SSE, WebSocket. */
export type McpFace = 'mcp' | 'sse' | 'messages' | 'ws';

export interface McpRoute {
  readonly face: McpFace;
  readonly scope: Scope;
}

/**
 * `/mcp` is the whole host, `/servers/<name>/mcp` one server, `/bundles/<name>/mcp` a bundle; a slash at the end is no other
 * place.
 */
const MCP_PATH = /^\/(?:(servers|bundles)\/([^/?]+)\/)?(mcp|sse|messages|ws)\/?(?:\?|$)/;

/** What a request target addresses; undefined when it is no MCP endpoint. */
export function mcpRouteOf(target: string): McpRoute | undefined {
  const match = MCP_PATH.exec(target);
  if (match === null) return undefined;
  const [, place, name, face] = match;
  return { face: face as McpFace, scope: scopeOf(place, name) };
}

function scopeOf(place: string | undefined, name: string | undefined): Scope {
  if (name === undefined) return { kind: 'all' };
  return place === 'servers' ? { kind: 'server', name: decoded(name) } : { kind: 'all', bundle: decoded(name) };
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
