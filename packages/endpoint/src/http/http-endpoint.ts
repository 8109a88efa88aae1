import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Logger, Scope } from '@hostler/kernel';
import { routeErrors } from '@hostler/host';
import type { Host } from '@hostler/host';
import { errorAnswer } from '../core/answers.ts';
import { deliverEvent } from '../core/deliver-event.ts';
import type { Caller, EndpointParts } from '../core/endpoint-parts.ts';
import { InFlight } from '../core/in-flight.ts';
import { ServerInfos } from '../core/server-infos.ts';
import { httpErrors } from '../http-errors.ts';
import { defaultEndpointLimits } from '../limits.ts';
import type { EndpointLimits } from '../limits.ts';
import type { HttpParts } from './http-parts.ts';
import { servePost } from './post.ts';
import { Pulse } from './pulse.ts';
import { discardBody } from './request-body.ts';
import { sendJson } from './send-json.ts';
import { isModernRoute, serveDelete, serveStream } from './session-routes.ts';
import { SessionTable } from './session-table.ts';
import { StreamQuota } from './stream-quota.ts';

export interface HttpEndpointOptions {
  /** Not owned: whoever made it closes it, after the endpoint. */
  readonly host: Host;
  readonly log: Logger;
  readonly clock: Clock;
  /** How the host calls itself when it cannot be asked; default `hostler`. */
  readonly serverName?: string;
  /** Overrides of `defaultEndpointLimits`. */
  readonly limits?: Partial<EndpointLimits>;
}

export interface HttpEndpoint {
  /**
   * Answers one HTTP request whose Host, Origin and identity were checked, on Node's own objects. Never rejects, and
   * settles when the request is answered or given up; streams of sessions live on.
   */
  serve(request: IncomingMessage, response: ServerResponse, target: Caller): void | Promise<void>;
  /** Refuses new requests, lets those under way finish for up to `grace` milliseconds, then ends everything it holds. */
  close(grace: number): Promise<void>;
  /** How many legacy sessions are open. */
  sessions(): number;
}

/** Serves a host over Streamable HTTP, to clients of both eras. */
export function createHttpEndpoint(options: HttpEndpointOptions): HttpEndpoint {
  const parts = createParts(options);
  const unsubscribe = parts.host.onEvent((event) => deliverEvent(parts.host, parts.sessions.all(), event));
  let closed: Promise<void> | undefined;
  return {
    serve(request, response, target) {
      if (request.method === 'POST' && parts.host.has(target.scope, target.consumer)) {
        return servePost(parts, request, response, target);
      }
      serveOthers(parts, request, response, target);
    },
    close(grace) {
      closed ??= close(parts, grace).finally(unsubscribe);
      return closed;
    },
    sessions: () => parts.sessions.size,
  };
}

function createParts({ host, log, clock, serverName = 'hostler', limits }: HttpEndpointOptions): HttpParts {
  const shared: EndpointParts = {
    host,
    log,
    clock,
    limits: { ...defaultEndpointLimits, ...limits },
    serverInfos: new ServerInfos({ host, clock, fallbackName: serverName }),
  };
  return {
    ...shared,
    pulse: new Pulse(clock),
    sessions: new SessionTable(shared),
    streams: new StreamQuota(shared.limits),
    inFlight: new InFlight(),
    state: { closing: false },
  };
}

async function close(parts: HttpParts, grace: number): Promise<void> {
  parts.state.closing = true;
  await parts.inFlight.close(parts, grace);
  // Streams last: a question to a client may be part of a request under way.
  await parts.sessions.close();
}

/** Everything but a POST to a scope that exists. */
function serveOthers(parts: HttpParts, request: IncomingMessage, response: ServerResponse, caller: Caller): void {
  try {
    if (!parts.host.has(caller.scope, caller.consumer)) throw unknownScope(caller.scope);
    if (request.method === 'GET' && !isModernRoute(request)) serveStream(parts, request, response, caller);
    else if (request.method === 'DELETE' && !isModernRoute(request)) serveDelete(parts, request, response, caller);
    else refuseMethod(parts, request, response);
  } catch (thrown) {
    sendJson(response, errorAnswer(parts, thrown, { id: undefined }));
  }
  // Bodies have no meaning here, and unread ones would hold up the connection.
  discardBody(request, parts.pulse);
}

function refuseMethod(parts: HttpParts, request: IncomingMessage, response: ServerResponse): void {
  const allow = isModernRoute(request) ? 'POST' : 'GET, POST, DELETE';
  sendJson(response, errorAnswer(parts, httpErrors.METHOD_NOT_ALLOWED(), { id: undefined }), { allow });
}

function unknownScope(scope: Scope): Error {
  return routeErrors.NOT_FOUND({ details: { kind: 'server', name: scope.kind === 'server' ? scope.name : '' } });
}
