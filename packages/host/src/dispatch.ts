import { isHostlerError } from '@hostler/kernel';
import type { Exchange, McpRequest, Outcome } from '@hostler/kernel';
import { hasMethod, protocolErrors } from '@hostler/protocol';
import type { Connection } from '@hostler/upstream';
import { RecordedExchange } from './call-recording.ts';
import type { CallLimit } from './call-limit.ts';
import { catalogOf } from './catalog-of.ts';
import { answerUnlisted, withConsent } from './consent/with-consent.ts';
import type { ConsentParts } from './consent/with-consent.ts';
import { noSuchScope, routeErrors } from './errors.ts';
import type { HostParts } from './host-parts.ts';
import { listOf } from './lists.ts';
import { answerLocally } from './local-methods.ts';
import { emptyOutcome, requestedLevel } from './log-levels.ts';
import { plainList } from './plain-list.ts';
import { PublicExchange } from './public-exchange.ts';
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
  const { recording } = parts;
  if (recording === undefined) return dispatchCounted(parts, exchange);
  return recording.around(exchange, (recorded) => dispatchCounted(parts, recorded));
}

/** @throws LIMIT_EXCEEDED */
function dispatchCounted(parts: HostParts, exchange: Exchange): Promise<Outcome> {
  const limit = parts.limitOf?.(exchange.consumer);
  return limit === undefined ? dispatchAdmitted(parts, exchange) : dispatchLimited(parts, exchange, limit);
}

/** What is refused later on counts all the same: who guesses names is slowed down too. @throws LIMIT_EXCEEDED */
function dispatchLimited(parts: HostParts, exchange: Exchange, limit: CallLimit): Promise<Outcome> {
  // A stream that stands for as long as its client is there has bounds of its own.
  const takesPlace = exchange.request.method !== 'subscriptions/listen';
  const entered = limit.enter(takesPlace, exchange);
  if (entered !== undefined)
    return entered.then(() => dispatchEntered(parts, exchange, takesPlace ? limit : undefined));
  return dispatchEntered(parts, exchange, takesPlace ? limit : undefined);
}

/** @param limit that in which it has a place */
function dispatchEntered(parts: HostParts, exchange: Exchange, limit: CallLimit | undefined): Promise<Outcome> {
  if (limit === undefined) return dispatchAdmitted(parts, exchange);
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
function requireScope({ views }: HostParts, exchange: Exchange): void {
  if (!views.hasScope(exchange)) throw noSuchScope(exchange.scope);
}

function dispatchToServer(parts: HostParts, exchange: Exchange): Promise<Outcome> {
  const { scope, request } = exchange;
  const { method } = request;
  if (isAboutTask(method)) return follow(parts, exchange, routeTask(parts, exchange));
  if (scope.kind === 'all' && !isRouted(method)) throw protocolErrors.METHOD_NOT_FOUND({ details: { method } });
  const catalog = catalogOf(parts, exchange);
  if (scope.kind === 'server' && (catalog === undefined || !isRouted(method))) {
    return followUnread(parts, exchange, scope.name);
  }
  if (catalog instanceof Promise) return catalog.then((served) => dispatchBy(parts, exchange, served));
  return dispatchBy(parts, exchange, catalog as ServedCatalog);
}

/** To a server of which nothing is looked up: of what it says only its lists are looked at. */
function followUnread(parts: HostParts, exchange: Exchange, server: string): Promise<Outcome> {
  const { request } = exchange;
  const outcome = follow(parts, exchange, { server, request });
  const list = listOf(request.method);
  return list === undefined ? outcome : outcome.then((given) => plainList(parts, server, list, given));
}

/** What is not in the catalog may be in the one that is being read. */
function dispatchBy(parts: HostParts, exchange: Exchange, catalog: ServedCatalog): Promise<Outcome> {
  const { request, scope } = exchange;
  let route: Route;
  try {
    route = routeOf(catalog, request, scope);
  } catch (error) {
    const outcome = isHostlerError(error) && error.code === NOT_FOUND ? dispatchUnlisted(parts, exchange) : undefined;
    if (outcome === undefined) throw error;
    return outcome;
  }
  return follow(parts, exchange, route);
}

/** Undefined when nothing is under way that could bring it. */
function dispatchUnlisted(parts: HostParts, exchange: Exchange): Promise<Outcome> | undefined {
  const again = (): Promise<Outcome> => dispatchAgain(parts, exchange);
  const answered = hasConsents(parts) ? answerUnlisted(parts, exchange, again) : undefined;
  return answered ?? parts.catalogs.settled(exchange)?.then(again);
}

/** By the view of this moment, which may be another by now. */
async function dispatchAgain(parts: HostParts, exchange: Exchange): Promise<Outcome> {
  const { scope, request } = exchange;
  const catalog = await catalogOf(parts, exchange);
  if (catalog === undefined && scope.kind === 'server') return follow(parts, exchange, { server: scope.name, request });
  return follow(parts, exchange, routeOf(catalog as ServedCatalog, request, scope));
}

const NOT_FOUND = routeErrors.NOT_FOUND.code;

/** @throws and rejects with LIMIT_EXCEEDED, LIMIT_STORE_AWAY, UPSTREAM_*, SECRET_* */
function follow(parts: HostParts, exchange: Exchange, route: Route): Promise<Outcome> {
  const counted = countRoute(parts, exchange, route);
  return counted === undefined ? forward(parts, exchange, route) : counted.then(() => forward(parts, exchange, route));
}

/** What its server and its tool are given, by number: of the consumer and over all. */
function countRoute(
  { serverLimits, limitOf }: HostParts,
  exchange: Exchange,
  { server, request, tool = toolOf(request) }: Route,
): void | Promise<void> {
  const own = tool === undefined ? undefined : limitOf?.(exchange.consumer)?.toolMeters(server, tool);
  return serverLimits.count({ server, tool }, exchange, own);
}

/** Where no catalog was asked it is the server's own name. */
function toolOf({ method, params }: McpRequest): string | undefined {
  const name = method === 'tools/call' ? params['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function forward(parts: HostParts, exchange: Exchange, route: Route): Promise<Outcome> {
  if (parts.recording === undefined || !(exchange instanceof RecordedExchange))
    return forwardTo(parts, exchange, route);
  return parts.recording.send(exchange, route, () => forwardTo(parts, exchange, route));
}

function forwardTo(parts: HostParts, exchange: Exchange, route: Route): Promise<Outcome> {
  if (!hasConsents(parts) || !parts.consents.concerns(route.server)) return transfer(parts, exchange, route);
  return withConsent(parts, exchange, route, async () => transfer(parts, exchange, route));
}

function hasConsents(parts: HostParts): parts is HostParts & ConsentParts {
  return parts.consents !== undefined;
}

function transfer(parts: HostParts, exchange: Exchange, route: Route): Promise<Outcome> {
  const { server, request, toPublicUri } = route;
  if (toPublicUri !== undefined) {
    const shown = new PublicExchange(exchange, request, toPublicUri);
    return connectAndSend(parts, exchange, server, shown).then((given) => shown.outcome(route, given));
  }
  const routed = request === exchange.request ? exchange : new RoutedExchange(exchange, request);
  return connectAndSend(parts, exchange, server, routed);
}

function connectAndSend(parts: HostParts, exchange: Exchange, server: string, routed: Exchange): Promise<Outcome> {
  const connection = parts.pool.connection(server, exchange);
  return connection instanceof Promise
    ? connection.then((opened) => send(parts, server, opened, routed))
    : send(parts, server, connection, routed);
}

/** Requests that only one era knows are answered here when the server is of the other one. */
function send(parts: HostParts, server: string, connection: Connection, exchange: Exchange): Promise<Outcome> {
  // Not the signal: it would have to be made.
  const { request, logLevel } = exchange;
  const { method } = request;
  if (method === 'logging/setLevel') {
    return parts.logLevels
      .ensure(connection, server, requestedLevel(exchange), exchange.signal)
      .then(() => emptyOutcome);
  }
  if (!hasMethod(connection.era, method)) throw protocolErrors.METHOD_NOT_FOUND({ details: { method } });
  if (logLevel === undefined) return connection.request(exchange);
  return parts.logLevels.ensure(connection, server, logLevel, exchange.signal).then(() => connection.request(exchange));
}
