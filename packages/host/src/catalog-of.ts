import type { Exchange } from '@hostler/kernel';
import { routeErrors } from './errors.ts';
import type { HostParts } from './host-parts.ts';
import type { ServedCatalog } from './served-catalog.ts';

/**
 * The catalog by which this request goes: what its consumer's view lets through. Undefined for one server under its own
 * names of which neither the configuration nor the view says anything: then nothing is looked up and nothing rewritten.
 * @throws ROUTE_NOT_FOUND
 */
export function catalogOf(
  { pool, catalogs, views }: Pick<HostParts, 'pool' | 'catalogs' | 'views'>,
  exchange: Exchange,
): ServedCatalog | Promise<ServedCatalog> | undefined {
  const { scope, consumer } = exchange;
  const view = views.of(consumer);
  if (scope.kind === 'all') return catalogs.for(exchange, view);
  const { name } = scope;
  if (!views.hasServer(consumer, name)) throw routeErrors.NOT_FOUND({ details: { kind: 'server', name } });
  const isWhole = view.hasAll?.(name) === true && pool.spec(name)?.offer === undefined;
  return isWhole ? undefined : catalogs.forServer(exchange, name, view);
}
