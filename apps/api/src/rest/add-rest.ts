import type { IncomingMessage, ServerResponse } from 'node:http';
import { addRateLimit, httpErrors } from '@hostler/endpoint';
import type { Consumer, CountedRate } from '@hostler/kernel';
import type { Context, Hono } from 'hono';
import type { AnswerRedaction } from '../answer-redaction.ts';
import { apiErrors } from '../errors.ts';
import type { GuardedPaths } from '../guarded-paths.ts';
import { securityHeaders } from '../security-headers.ts';
import { aboutRoutes } from './about-routes.ts';
import { checkBody, checkQuery } from './check-input.ts';
import { readJson } from './read-json.ts';
import { recordChange } from './record-change.ts';
import type { RestParts, Route, RouteAnswer } from './route.ts';
import { placesOf } from './route.ts';
import type { RunningRequests } from './running-requests.ts';
import { grantRoutes } from './grant-routes.ts';
import { logRoutes } from './log-routes.ts';
import { secretRoutes } from './secret-routes.ts';
import { serverRoutes } from './server-routes.ts';
import { useRoutes } from './use-routes.ts';

export interface RestOptions extends Omit<RestParts, 'routes'> {
  readonly requests: RunningRequests;
  readonly answerRedaction: AnswerRedaction;
  /** Bytes of a body. */
  readonly bodyBytes: number;
}

/** What the adapter passes on of Node's own objects. */
export interface NodeBindings {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

export interface RestEnvironment {
  Bindings: NodeBindings;
  /** Absent where anybody may ask. */
  Variables: { consumer: Consumer };
}

export type RestApp = Hono<RestEnvironment>;
export type RestContext = Context<RestEnvironment>;

const routes: readonly Route[] = [
  ...useRoutes,
  ...aboutRoutes,
  ...serverRoutes,
  ...secretRoutes,
  ...logRoutes,
  ...grantRoutes,
];

/** Adds every path below /v1. */
export function addRest(paths: GuardedPaths, options: RestOptions): void {
  const parts: RestParts = { ...options, routes: () => routes };
  const methods = new Map<string, string[]>();
  for (const route of routes) {
    const { method } = route;
    methods.set(route.path, [...(methods.get(route.path) ?? []), ...(method === 'GET' ? ['GET', 'HEAD'] : [method])]);
    paths.add({
      method,
      path: pathOf(route),
      access: route.permission,
      answer: (context) => serve(context, route, parts, options),
    });
  }
  for (const [path, known] of methods) {
    const allowed = [...known, 'OPTIONS'].join(', ');
    const answer = (context: RestContext): Response => {
      if (context.req.method === 'OPTIONS') {
        return new Response(null, { status: 204, headers: { ...securityHeaders, allow: allowed } });
      }
      throw apiErrors.METHOD_NOT_ALLOWED({ details: { allowed } });
    };
    paths.add({ method: 'ALL', path: pathOf({ path }), access: 'consumers', answer });
  }
}

/** Hono writes places `:name`. */
function pathOf({ path }: { readonly path: string }): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function serve(
  context: RestContext,
  route: Route,
  parts: RestParts,
  { requests, bodyBytes, answerRedaction }: RestOptions,
): Promise<Response> {
  const { req: request } = context;
  const consumer = context.get('consumer');
  const traceParent = request.header('traceparent');
  const onCounted = (rate: CountedRate): void => addRateLimit(context.env.outgoing, rate);
  return requests.run({ response: context.env.outgoing, consumer }, async (signal) => {
    if (route.changes) requireChanges(context, route.changes, parts);
    const url = new URL(request.url);
    const query = checkQuery(route.query, url.searchParams);
    const body = route.body && checkBody(route.body, await readJson(request.raw, bodyBytes));
    const path = Object.fromEntries(placesOf(route.path).map((place) => [place, request.param(place) ?? '']));
    const work = async (): Promise<RouteAnswer> =>
      route.work(parts, { consumer, path, query, body: body as never, traceParent, onCounted, signal });
    const answer = await recordChange(parts.runtime, { route, consumer, path, body }, work);
    return toResponse(answer, answerRedaction);
  });
}

/**
 * What runs is changed by programs, and by pages only where the operator names them: a page that some server on this
 * machine shows may use the tools, but not choose what runs.
 * @throws API_CHANGES_DISABLED, HTTP_ORIGIN_REFUSED
 */
function requireChanges(
  { req: request }: RestContext,
  section: NonNullable<Route['changes']>,
  { runtime }: RestParts,
): void {
  const { api, listen } = runtime.plan;
  const origin = request.header('origin');
  if (origin !== undefined && !isNamed(origin, listen.allowedOrigins ?? [])) throw httpErrors.ORIGIN_REFUSED();
  if (section === 'log' || section === 'grants') return;
  if (!api[section].enabled) throw apiErrors.CHANGES_DISABLED({ details: { section } });
}

function isNamed(origin: string, allowed: readonly string[]): boolean {
  return allowed.some((one) => one.toLowerCase() === origin.toLowerCase());
}

function toResponse({ status = 200, body }: RouteAnswer, { pass }: AnswerRedaction): Response {
  if (body === undefined) return new Response(null, { status, headers: securityHeaders });
  const headers = { ...securityHeaders, 'content-type': 'application/json' };
  if (!(body instanceof Uint8Array)) return new Response(JSON.stringify(body), { status, headers });
  return pass(new Response(Buffer.from(body), { status, headers }));
}
