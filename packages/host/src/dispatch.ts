import { isHostlerError } from '@hostler/kernel';
import type { Exchange, Outcome } from '@hostler/kernel';
import { hasMethod, protocolErrors } from '@hostler/protocol';
import type { Connection } from '@hostler/upstream';
import type { CallLimit } from './call-limit.ts';
import { catalogOf } from './catalog-of.ts';
import { routeErrors } from './errors.ts';
import type { HostParts } from './host-parts.ts';
import { answerLocally } from './local-methods.ts';
import { emptyOutcome, requestedLevel } from './log-levels.ts';
import { publicResult } from './public-result.ts';
import { isRouted, routeOf } from './route.ts';
import type { Route } from './route.ts';
import { RoutedExchange } from '@hostler/upstream';
import type { ServedCatalog } from './served-catalog.ts';
import { routeTask } from './tasks/route-task.ts';
import { isAboutTask } from './tasks/task-support.ts';

/**
 * The path of every request: has its consumer any left, is there such a method, is its scope there for this consumer, does
 * the host answer it itself, where does it lead, over which connection, and what of the result has to be put in other
 * words. What usually has nothing to wait for is not async: each such function costs a promise and three turns of the queue
 * on every call.
 * @throws and rejects with HostlerError
 */
export function dispatch(parts: HostParts, exchange: Exchange): Promise<Outcome> {
  const limit = parts.limitOf?.(exchange.consumer);
  return limit === undefined ? dispatchAdmitted(parts, exchange) : dispatchLimited(parts, exchange, limit);
}

/** What is refused later on counts all the same: who guesses names is slowed down too. @throws LIMIT_EXCEEDED */
function dispatchLimited(parts: HostParts, exchange: Exchange, limit: CallLimit): Promise<Outcome> {
  // A stream that stands for as long as its client is there has bounds of its own.
  const takesPlace = exchange.request.method !== 'subscriptions/listen';
  limit.enter(takesPlace);
  if (!takesPlace) return dispatchAdmitted(parts, exchange);
  const leave = (): void => limit.leave();
  try {
    const outcome = dispatchAdmitted(parts, exchange);
    void outcome.then(leave, leave);
    return outcome;
  } catch (error) {
    leave();
    throw error;
  }
}

function dispatchAdmitted(parts: HostParts, exchange: Exchange): Promise<Outcome> {
  const { method } = exchange.request;
  if (!hasMethod(exchange.client.era, method)) throw protocolErrors.METHOD_NOT_FOUND({ details: { method } });
  requireScope(parts, exchange);
  return answerLocally(parts, exchange) ?? dispatchToServer(parts, exchange);
}

/** @throws ROUTE_NOT_FOUND: what does not exist and what this consumer may not see look alike */
function requireScope({ views }: HostParts, { scope, consumer }: Exchange): void {
  if (scope.kind === 'all' || views.hasServer(consumer, scope.name)) return;
  throw routeErrors.NOT_FOUND({ details: { kind: 'server', name: scope.name } });
}

function dispatchToServer(parts: HostParts, exchange: Exchange): Promise<Outcome> {
  const { scope, request } = exchange;
  const { method } = request;
  if (isAboutTask(method)) return follow(parts, exchange, routeTask(parts, exchange));
  if (scope.kind === 'all' && !isRouted(method)) throw protocolErrors.METHOD_NOT_FOUND({ details: { method } });
  const catalog = catalogOf(parts, exchange);
  if (scope.kind === 'server' && (catalog === undefined || !isRouted(method))) {
    return follow(parts, exchange, { server: scope.name, request });
  }
  if (catalog instanceof Promise) return catalog.then((served) => dispatchBy(parts, exchange, served));
  return dispatchBy(parts, exchange, catalog as ServedCatalog);
}

/** What is not in the catalog may be in the one that is being read. */
function dispatchBy(parts: HostParts, exchange: Exchange, catalog: ServedCatalog): Promise<Outcome> {
  const { request, scope } = exchange;
  let route: Route;
  try {
    route = routeOf(catalog, request, scope);
  } catch (error) {
    const settled = isHostlerError(error) && error.code === NOT_FOUND ? parts.catalogs.settled(exchange) : undefined;
    if (settled === undefined) throw error;
    return settled.then(() => dispatchAgain(parts, exchange));
  }
  return follow(parts, exchange, route);
}

/** By the view of this moment, which may be another by now. */
async function dispatchAgain(parts: HostParts, exchange: Exchange): Promise<Outcome> {
  const { scope, request } = exchange;
  const catalog = await catalogOf(parts, exchange);
  if (catalog === undefined && scope.kind === 'server') return follow(parts, exchange, { server: scope.name, request });
  return follow(parts, exchange, routeOf(catalog as ServedCatalog, request, scope));
}

const NOT_FOUND = routeErrors.NOT_FOUND.code;

function follow(parts: HostParts, exchange: Exchange, route: Route): Promise<Outcome> {
  const { server, request } = route;
  const routed = request === exchange.request ? exchange : new RoutedExchange(exchange, request);
  const connection = parts.pool.connection(server, exchange);
  const outcome =
    connection instanceof Promise
      ? connection.then((opened) => send(parts, server, opened, routed))
      : send(parts, server, connection, routed);
  return route.toPublicUri === undefined ? outcome : outcome.then((given) => publicResult(route, given));
}

/** Requests that only one era knows are answered here when the server is of the other one. */
function send(parts: HostParts, server: string, connection: Connection, exchange: Exchange): Promise<Outcome> {
  const { request, logLevel, signal } = exchange;
  const { method } = request;
  if (method === 'logging/setLevel') {
    return parts.logLevels.ensure(connection, server, requestedLevel(exchange), signal).then(() => emptyOutcome);
  }
  if (!hasMethod(connection.era, method)) throw protocolErrors.METHOD_NOT_FOUND({ details: { method } });
  if (logLevel === undefined) return connection.request(exchange);
  return parts.logLevels.ensure(connection, server, logLevel, signal).then(() => connection.request(exchange));
}
