import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { createHttpEndpoint, guardRequest } from '@hostler/endpoint';
import type { EndpointLimits } from '@hostler/endpoint';
import { isHostlerError } from '@hostler/kernel';
import type { HostlerError } from '@hostler/kernel';
import type { Readiness, Runtime } from '@hostler/runtime';
import { Hono } from 'hono';
import { apiErrors } from './errors.ts';
import { describeHealth, describeReadiness } from './health.ts';
import { toProblem } from './problem.ts';
import { scopeOfPath } from './scope-of-path.ts';
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
  /**
   * From here on it reports that it stops, refuses new work and gives running calls `grace` milliseconds.
   */
  close(grace: number): Promise<void>;
}

/** Everything that Hostler answers over HTTP. */
export function createApi({ runtime, endpointLimits = {} }: ApiOptions): Api {
  const { host, log, clock, anonymous: consumer } = runtime;
  const endpoint = createHttpEndpoint({ host, log, clock, limits: endpointLimits });
  const gate = createStartGate(runtime, START_WAIT);
  const { allowedHosts = [], allowedOrigins = [] } = runtime.plan.listen;
  const allowed = { allowedHosts, allowedOrigins };
  let isStopping = false;

  function readiness(): Readiness {
    const current = runtime.readiness();
    return isStopping ? { ...current, ready: false, phase: 'stopping' } : current;
  }

  function problemOf(thrown: unknown): Response {
    const error = isHostlerError(thrown) ? thrown : apiErrors.INTERNAL({ cause: thrown });
    const requestId = randomUUID();
    if (error.kind.fault === 'bug') log.error({ error: thrown, requestId }, 'a request failed');
    return answerProblem(error, requestId);
  }

  const answerWithHono = getRequestListener(createReports(readiness, problemOf).fetch, ADAPTER);

  return {
    async answer(incoming, outgoing) {
      try {
        guardRequest(incoming, allowed);
        const scope = scopeOfPath(incoming.url ?? '');
        if (scope === undefined) return await answerWithHono(incoming, outgoing);
        // Past Hono, whose Request, Response and chain of promises are a tenth of what a call costs.
        if (scope.kind === 'all') await gate.wait();
        // It refuses names that this consumer may not see: unknown and hidden are one case there.
        await endpoint.serve(incoming, outgoing, { scope, consumer });
      } catch (thrown) {
        // The adapter drains what the client still sends.
        if (!outgoing.headersSent) return getRequestListener(() => problemOf(thrown), ADAPTER)(incoming, outgoing);
        // The answer has begun: all that can still be said is that it is incomplete.
        log.error({ error: thrown }, 'an answer broke off');
        outgoing.destroy();
      }
    },
    close(grace) {
      isStopping = true;
      gate.open();
      return endpoint.close(grace);
    },
  };
}

const ADAPTER = { overrideGlobalObjects: false } as const;

/** Milliseconds that a client of the whole host waits for servers that are still starting. */
const START_WAIT = 10_000;

interface Report {
  readonly status: 200 | 503;
  readonly body: object;
}

/** How the host is doing, for probes and people. */
function createReports(readiness: () => Readiness, problemOf: (thrown: unknown) => Response): Hono {
  const app = new Hono();
  report(app, ['/livez'], () => ({ status: 200, body: { status: 'ok' } }));
  report(app, ['/healthz', '/health'], () => ({ status: 200, body: describeHealth(readiness()) }));
  report(app, ['/readyz'], () => {
    const body = describeReadiness(readiness());
    return { status: body.status === 'ready' ? 200 : 503, body };
  });
  app.notFound(() => {
    throw apiErrors.NOT_FOUND();
  });
  app.onError(problemOf);
  return app;
}

function report(app: Hono, paths: readonly string[], describe: () => Report): void {
  for (const path of paths) {
    app.all(path, (context) => {
      const { method } = context.req;
      if (method !== 'GET' && method !== 'HEAD') {
        throw apiErrors.METHOD_NOT_ALLOWED({ details: { allowed: 'GET, HEAD' } });
      }
      const { status, body } = describe();
      return new Response(JSON.stringify(body), {
        status,
        headers: { ...securityHeaders, ...retryAfter(status), 'content-type': 'application/json' },
      });
    });
  }
}

function answerProblem(error: HostlerError, requestId: string): Response {
  const { allowed } = error.details;
  return new Response(JSON.stringify(toProblem(error, requestId)), {
    status: error.kind.http,
    headers: {
      ...securityHeaders,
      'content-type': 'application/problem+json',
      ...(typeof allowed === 'string' && { allow: allowed }),
      ...retryAfter(error.kind.http),
    },
  });
}

/** Seconds (RFC 9110, section 10.2.3). */
function retryAfter(status: number): Record<string, string> {
  return status === 503 ? { 'retry-after': '1' } : {};
}

/** For answers that no page should embed, guess the type of, or keep. */
const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;
