import type { ConnectionUser, Pool } from '@hostler/upstream';

/**
 * With which credentials this client reaches the server, by a name that says nothing more; empty where all have the same.
 * See `Pool.source`: what a server says over the connections of one set begins with its name.
 */
export function credentialsFor(pool: Pick<Pool, 'source'>, server: string, user: ConnectionUser): string {
  return credentialsIn(pool.source(server, user));
}

export function credentialsIn(source: string): string {
  return source.slice(0, Math.max(0, source.indexOf('/')));
}
