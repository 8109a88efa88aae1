import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { createHttpEndpoint, defaultEndpointLimits, guardRequest, refuseUpgrade } from '@hostler/endpoint';
import type { EndpointLimits } from '@hostler/endpoint';
import type { Readiness, Runtime } from '@hostler/runtime';
import { answerProblem } from './answer-problem.ts';
import { createAnswerRedaction } from './answer-redaction.ts';
import type { AnswerRedaction } from './answer-redaction.ts';
import { createApp } from './create-app.ts';
import { apiErrors } from './errors.ts';
import { mcpRouteOf } from './mcp-route.ts';
import type { NodeBindings, RestApp } from './rest/add-rest.ts';
import { RunningRequests } from './rest/running-requests.ts';
import { serveMcp } from './serve-mcp.ts';
import { createStartGate } from './start-gate.ts';

export interface ApiOptions {
  /** Not owned: whoever made it starts and closes it. */
  readonly runtime: Runtime;
  /** Overrides of the endpoint's defaults. */
  readonly endpointLimits?: Partial<EndpointLimits>;
}

export interface Api {
  /** Answers one request, whatever it is. Never rejects. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>;
  /** Takes the connection of a request that asks for a WebSocket over, or refuses it. Never rejects. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /**
   * From here on it reports that it stops, refuses new work and gives running calls `grace` milliseconds; then they are
   * answered with an error. Called again, it takes the shorter time.
   */
  close(grace: number): Promise<void>;
}

/** Everything that Hostler answers over HTTP. */
export function createApi({ runtime, endpointLimits = {} }: ApiOptions): Api {
  const { host, log, clock, anonymous: consumer } = runtime;
  const redact = (bytes: Uint8Array): Uint8Array => runtime.redactBytes(bytes);
  const answerRedaction = createAnswerRedaction(redact);
  const endpoint = createHttpEndpoint({ host, log, clock, redact, limits: endpointLimits });
  const gate = createStartGate(runtime, START_WAIT);
  const limits = { ...defaultEndpointLimits, ...endpointLimits };
  const requests = new RunningRequests(clock, limits.inFlight);
  const begun = clock.now();
  let isStopping = false;

  const readiness = (): Readiness => (isStopping ? stopping(runtime.readiness()) : runtime.readiness());
  const problemOf = (thrown: unknown): Promise<Response> => answerRedaction.apply(answerProblem(thrown, log));
  const app = createApp({
    readiness,
    problemOf,
    rest: {
      runtime,
      readiness,
      untilStarted: () => gate.wait(),
      uptime: () => clock.now() - begun,
      requests,
      answerRedaction,
      bodyBytes: limits.messageBytes,
    },
  });
  const answerWithHono = getRequestListener(redactedBy(answerRedaction, app), ADAPTER);

  return {
    async answer(incoming, outgoing) {
      try {
        // Of the plan in force: a reload may have changed it.
        guardRequest(incoming, runtime.plan.listen);
        const route = mcpRouteOf(incoming.url ?? '');
        if (route === undefined) return await answerWithHono(incoming, outgoing);
        // Past Hono, whose Request, Response and chain of promises are a tenth of what a call costs.
        if (route.scope.kind === 'all') await gate.wait();
        // It refuses names that this consumer may not see: unknown and hidden are one case there.
        await serveMcp(endpoint, route, { incoming, outgoing, consumer });
      } catch (thrown) {
        // The adapter drains what the client still sends.
        if (!outgoing.headersSent) return getRequestListener(() => problemOf(thrown), ADAPTER)(incoming, outgoing);
        // The answer has begun: all that can still be said is that it is incomplete.
        log.error({ error: thrown }, 'an answer broke off');
        outgoing.destroy();
      }
    },
    async upgrade(incoming, socket, head) {
      // A client that leaves while it waits must not end the process.
      socket.on('error', () => socket.destroy());
      try {
        // Of the plan in force: a reload may have changed it.
        guardRequest(incoming, runtime.plan.listen);
        const route = mcpRouteOf(incoming.url ?? '');
        if (route?.face !== 'ws') throw apiErrors.NOT_FOUND();
        if (route.scope.kind === 'all') await gate.wait();
        endpoint.upgrade(incoming, socket, head, { scope: route.scope, consumer });
      } catch (thrown) {
        await refuseSocket(socket, await problemOf(thrown));
      }
    },
    async close(grace) {
      isStopping = true;
      gate.open();
      await Promise.all([endpoint.close(grace), requests.close(grace)]);
    },
  };
}

function stopping(readiness: Readiness): Readiness {
  return { ...readiness, ready: false, phase: 'stopping' };
}

async function refuseSocket(socket: Duplex, problem: Response): Promise<void> {
  const contentType = problem.headers.get('content-type') ?? '';
  refuseUpgrade(socket, { status: problem.status, contentType, body: await problem.text() });
}

/** The one place where the answers of all paths leave. */
function redactedBy({ apply }: AnswerRedaction, app: RestApp): Parameters<typeof getRequestListener>[0] {
  return async (request, env) => apply(await app.fetch(request, env as NodeBindings));
}

const ADAPTER = { overrideGlobalObjects: false } as const;

/** Milliseconds that a client of the whole host waits for servers that are still starting. */
const START_WAIT = 10_000;
