import type { Exchange } from '@hostler/kernel';
import { hasUserGrant } from '@hostler/upstream';
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
  const { scope } = exchange;
  const view = views.of(exchange);
  if (scope.kind === 'all') return catalogs.for(exchange, view);
  const { name } = scope;
  if (!views.hasServer(exchange, name)) throw routeErrors.NOT_FOUND({ details: { kind: 'server', name } });
  const spec = pool.spec(name);
  // One that its user has to sign in to has a list of the host's until then.
  const isWhole = view.hasAll?.(name) === true && spec?.offer === undefined && !(spec && hasUserGrant(spec));
  return isWhole ? undefined : catalogs.forServer(exchange, name, view);
}
