import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { isHostlerError } from '@hostler/kernel';
import type { Clock, Consumer, Logger } from '@hostler/kernel';
import { noSuchScope } from '@hostler/host';
import type { Host } from '@hostler/host';
import { errorAnswer } from '../core/answers.ts';
import { deliverEvent } from '../core/deliver-event.ts';
import type { Caller, EndpointParts, Redact } from '../core/endpoint-parts.ts';
import { InFlight } from '../core/in-flight.ts';
import { RequestStates } from '../core/request-states.ts';
import { ServerInfos } from '../core/server-infos.ts';
import type { Session } from '../core/session.ts';
import { httpErrors } from '../http-errors.ts';
import { defaultEndpointLimits } from '../limits.ts';
import type { ConsumerBounds, EndpointLimits } from '../limits.ts';
import { SseFace } from '../sse/sse-face.ts';
import { refuseUpgrade } from '../websocket/refuse-upgrade.ts';
import { WebSocketFace } from '../websocket/websocket-face.ts';
import type { HttpRequest, HttpResponse } from './http-messages.ts';
import type { Elsewhere, HttpParts } from './http-parts.ts';
import { OpenStreams } from './open-streams.ts';
import { servePost } from './post.ts';
import { Pulse } from './pulse.ts';
import { discardBody } from './request-body.ts';
import { sendJson } from './send-json.ts';
import { isModernRoute, serveDelete, serveStream } from './session-routes.ts';
import { SessionTable } from './session-table.ts';

export interface HttpEndpointOptions {
  /** Not owned: whoever made it closes it, after the endpoint. */
  readonly host: Host;
  readonly log: Logger;
  readonly clock: Clock;
  /** Masks secrets in the errors that clients get, as bytes; absent: nothing is masked. */
  readonly redact?: Redact;
  /** How the host calls itself when it cannot be asked; default `hostler`. */
  readonly serverName?: string;
  /** 32 bytes that seal the `requestState` which modern clients carry; random by default. */
  readonly stateKey?: Uint8Array;
  /** What stands behind every id and state that is given out, where several processes serve one port; default nothing. */
  readonly mark?: string;
  /** Where another process gave the `requestState` out that a request brings back: takes the request there. */
  readonly elsewhere?: Elsewhere;
  /** Overrides of `defaultEndpointLimits`. */
  readonly limits?: Partial<EndpointLimits>;
  /**
   * Whether what a consumer has shown is still good; default: always. Asked when the body of a request has arrived, since
   * that may take a while.
   */
  readonly isGood?: (consumer: Consumer) => boolean;
  /** What a consumer may have that has bounds of its own; what is absent is as for others. */
  readonly boundsOf?: (consumer: Consumer) => ConsumerBounds | undefined;
  /** Milliseconds since 1970, to compare with the expiry of identities; default `Date.now`. */
  readonly wallClock?: () => number;
}

export interface HttpEndpoint {
  /**
   * Answers one HTTP request whose Host, Origin and identity were checked, on Node's own objects or on others that
   * mean the same. Never rejects, and settles when the request is answered or given up; streams of sessions live on.
   */
  serve(request: HttpRequest, response: HttpResponse, target: Caller): void | Promise<void>;
  /** HTTP+SSE, for clients of the first revision: the stream that is a session. Never throws; else as `serve`. */
  serveSse(request: IncomingMessage, response: ServerResponse, target: Caller): void;
  /** HTTP+SSE: one message of such a session. Never rejects; else as `serve`. */
  serveSseMessage(request: IncomingMessage, response: ServerResponse, target: Caller): Promise<void>;
  /**
   * WebSocket, in both eras: takes the connection of an upgrade request over, or refuses it; a request that asks for no
   * upgrade is told so by `serveUpgradeRequired`. Never throws; else as `serve`.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, target: Caller): void;
  /** Answers a plain request to a path for WebSocket connections. */
  serveUpgradeRequired(request: IncomingMessage, response: ServerResponse): void;
  /**
   * Refuses new requests, lets those under way finish for up to `grace` milliseconds, then answers them with an error and
   * ends everything it holds. Called again meanwhile, it takes the shorter time.
   */
  close(grace: number): Promise<void>;
  /**
   * Ends what certain consumers hold, now: sessions, streams, sockets, parked calls, and requests under way, which are
   * answered with HTTP_ACCESS_ENDED. What has merely expired ends by itself: streams and sockets within a second; a session
   * or a parked call stays for its consumer to come back to with a fresh token, as long as such things stay anyway.
   */
  endWhere(isOver: (consumer: Consumer) => boolean): void;
  /** How many legacy sessions are open. */
  sessions(): number;
}

/** Serves a host over Streamable HTTP and its relatives, to clients of both eras. */
export function createHttpEndpoint(options: HttpEndpointOptions): HttpEndpoint {
  const parts = createParts(options);
  const faces: Faces = { sse: new SseFace(parts), sockets: new WebSocketFace(parts) };
  const unsubscribe = parts.host.onEvent((event) => {
    deliverEvent(parts.host, allSessions(parts, faces), event);
    if (event.isGone !== true) return;
    parts.sessions.endServer(event.server);
    parts.sessions.endBundles();
    parts.serverInfos.forget(event.server);
  });
  let closed: Promise<void> | undefined;
  return {
    serve(request, response, target) {
      if (request.method === 'POST' && parts.host.has(target.scope, target.consumer)) {
        return servePost(parts, request, response, target);
      }
      serveOthers(parts, request, response, target);
    },
    serveSse(request, response, caller) {
      try {
        requireScope(parts, caller);
        faces.sse.open(request, response, caller);
      } catch (thrown) {
        refuse(parts, { request, response, thrown });
      }
    },
    async serveSseMessage(request, response, caller) {
      try {
        requireScope(parts, caller);
        await faces.sse.receive(request, response, caller);
      } catch (thrown) {
        refuse(parts, { request, response, thrown });
      }
    },
    upgrade(request, socket, head, caller) {
      try {
        requireScope(parts, caller);
        faces.sockets.open(request, socket, head, caller);
      } catch (thrown) {
        const { status, message } = errorAnswer(parts, thrown, { id: undefined });
        refuseUpgrade(socket, { status, contentType: 'application/json', body: Buffer.concat(message) });
      }
    },
    serveUpgradeRequired(request, response) {
      refuse(parts, { request, response, thrown: httpErrors.UPGRADE_REQUIRED(), headers: { upgrade: 'websocket' } });
    },
    close(grace) {
      if (closed !== undefined) void finish(parts, faces, grace);
      closed ??= close(parts, faces, grace).finally(unsubscribe);
      return closed;
    },
    endWhere: (isOver) => endWhere(parts, isOver),
    sessions: () => parts.sessions.size,
  };
}

function createParts(options: HttpEndpointOptions): HttpParts {
  const { host, log, clock, redact = (bytes) => bytes, serverName = 'hostler', stateKey, limits } = options;
  const { mark = '', elsewhere } = options;
  const { isGood = () => true, wallClock = Date.now } = options;
  const bounds = { ...defaultEndpointLimits, ...limits };
  const shared: EndpointParts = {
    host,
    log,
    clock,
    limits: bounds,
    states: new RequestStates({ clock, limits: bounds, key: stateKey, mark }),
    mark,
    serverInfos: new ServerInfos({ host, clock, fallbackName: serverName }),
    redact,
  };
  const pulse = new Pulse(clock);
  return {
    ...shared,
    pulse,
    sessions: new SessionTable(shared, options.boundsOf),
    streams: new OpenStreams({ limits: bounds, boundsOf: options.boundsOf, pulse, wallClock }),
    inFlight: new InFlight(),
    state: { closing: false },
    isGood,
    ...(elsewhere && { elsewhere }),
  };
}

/** The ways in beside Streamable HTTP. */
interface Faces {
  readonly sse: SseFace;
  readonly sockets: WebSocketFace;
}

function* allSessions(parts: HttpParts, { sse, sockets }: Faces): Iterable<Session> {
  yield* parts.sessions.all();
  yield* sse.sessions();
  yield* sockets.sessions();
}

async function finish(parts: HttpParts, { sse, sockets }: Faces, grace: number): Promise<void> {
  await Promise.all([parts.inFlight.close(parts, grace), sse.finish(grace), sockets.finish(grace)]);
}

async function close(parts: HttpParts, faces: Faces, grace: number): Promise<void> {
  parts.state.closing = true;
  // Nobody waits for these.
  parts.states.close(httpErrors.SHUTTING_DOWN());
  await finish(parts, faces, grace);
  // Streams last: a question to a client may be part of a request under way.
  await Promise.all([parts.sessions.close(), faces.sse.close(), faces.sockets.close()]);
}

/** Requests first: an answer with the reason is worth more than a stream that breaks off. */
function endWhere(parts: HttpParts, isOver: (consumer: Consumer) => boolean): void {
  const reason = httpErrors.ACCESS_ENDED();
  parts.inFlight.endWhere(parts, isOver);
  parts.states.parked.endWhere(isOver, reason);
  parts.sessions.endWhere(isOver, reason);
  parts.streams.endWhere(isOver);
}

/** Everything but a POST to a scope that exists. */
function serveOthers(parts: HttpParts, request: HttpRequest, response: HttpResponse, caller: Caller): void {
  try {
    requireScope(parts, caller);
    if (request.method === 'GET' && !isModernRoute(request)) serveStream(parts, request, response, caller);
    else if (request.method === 'DELETE' && !isModernRoute(request)) serveDelete(parts, request, response, caller);
    else refuseMethod(parts, request, response);
  } catch (thrown) {
    sendJson(response, errorAnswer(parts, thrown, { id: undefined }));
  }
  // Bodies have no meaning here, and unread ones would hold up the connection.
  discardBody(request, parts.pulse);
}

function refuseMethod(parts: HttpParts, request: HttpRequest, response: HttpResponse): void {
  const allow = isModernRoute(request) ? 'POST' : 'GET, POST, DELETE';
  sendJson(response, errorAnswer(parts, httpErrors.METHOD_NOT_ALLOWED(), { id: undefined }), { allow });
}

interface Refusal {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly thrown: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function refuse(parts: HttpParts, { request, response, thrown, headers }: Refusal): void {
  const allowed = isHostlerError(thrown) ? thrown.details['allowed'] : undefined;
  const allow = typeof allowed === 'string' ? { allow: allowed } : {};
  sendJson(response, errorAnswer(parts, thrown, { id: undefined }), { ...allow, ...headers });
  discardBody(request, parts.pulse);
}

/** @throws ROUTE_NOT_FOUND: unknown and hidden look the same */
function requireScope({ host }: HttpParts, { scope, consumer }: Caller): void {
  if (host.has(scope, consumer)) return;
  throw noSuchScope(scope);
}
