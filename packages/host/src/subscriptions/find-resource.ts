import type { Exchange } from '@hostler/kernel';
import { catalogOf } from '../catalog-of.ts';
import type { HostParts } from '../host-parts.ts';

/** Where a resource is, under the server's own URI. */
export interface ResourceAddress {
  readonly server: string;
  readonly uri: string;
}

/** Where the resource is that this client means; undefined for what it may not see, and what does not exist. */
export type FindResource = (exchange: Exchange, clientUri: string) => Promise<ResourceAddress | undefined>;

export function createFindResource(parts: Pick<HostParts, 'pool' | 'catalogs' | 'views'>): FindResource {
  return async (exchange, clientUri) => {
    const served = await catalogOf(parts, exchange);
    // One server under its own names: it knows best what it has.
    if (served === undefined)
      return exchange.scope.kind === 'server' ? { server: exchange.scope.name, uri: clientUri } : undefined;
    const found = served.findResource(clientUri);
    return found && { server: found.server, uri: found.key };
  };
}
