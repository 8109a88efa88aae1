import type { Exchange } from '@hostler/kernel';
import { routeErrors } from './errors.ts';
import type { HostParts } from './host-parts.ts';
import type { ServedCatalog } from './served-catalog.ts';

/**
 * The catalog by which this request goes; undefined for one server under its own names of which the configuration says
 * nothing: then nothing is looked up and nothing rewritten.
 * @throws ROUTE_NOT_FOUND
 */
export function catalogOf(
  { pool, catalogs }: Pick<HostParts, 'pool' | 'catalogs'>,
  exchange: Exchange,
): ServedCatalog | Promise<ServedCatalog> | undefined {
  const { scope } = exchange;
  if (scope.kind === 'all') return catalogs.for(exchange);
  const spec = pool.spec(scope.name);
  if (!spec) throw routeErrors.NOT_FOUND({ details: { kind: 'server', name: scope.name } });
  return spec.offer && catalogs.forServer(exchange, scope.name);
}
