import type { Scope } from '@hostler/kernel';

/** `/mcp` is the whole host, `/servers/<name>/mcp` one server. */
const MCP_PATH = /^\/(?:servers\/([^/?]+)\/)?mcp(?:\?|$)/;

/** What of the host a request target addresses; undefined when it is no MCP endpoint. */
export function scopeOfPath(target: string): Scope | undefined {
  const match = MCP_PATH.exec(target);
  if (match === null) return undefined;
  const [, name] = match;
  return name === undefined ? { kind: 'all' } : { kind: 'server', name: decoded(name) };
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
