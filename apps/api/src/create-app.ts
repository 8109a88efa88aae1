import type { Readiness } from '@hostler/runtime';
import { Hono } from 'hono';
import { apiErrors } from './errors.ts';
import { describeHealth, describeReadiness } from './health.ts';
import { describeMetrics, METRICS_TYPE } from './metrics.ts';
import { addRest } from './rest/add-rest.ts';
import type { RestApp, RestOptions } from './rest/add-rest.ts';
import { securityHeaders } from './security-headers.ts';

interface Report {
  readonly status?: 503;
  /** Text is answered as it is, everything else as JSON. */
  readonly body: object | string;
  readonly type?: string;
}

export interface AppOptions {
  readonly readiness: () => Readiness;
  readonly rest: RestOptions;
  readonly problemOf: (thrown: unknown) => Promise<Response>;
}

/** Everything that is no MCP endpoint: how the host is doing, for probes and people, and REST. */
export function createApp({ readiness, rest, problemOf }: AppOptions): RestApp {
  const app: RestApp = new Hono();
  report(app, ['/livez'], () => ({ body: { status: 'ok' } }));
  report(app, ['/healthz', '/health'], () => ({ body: describeHealth(readiness()) }));
  report(app, ['/readyz'], () => {
    const body = describeReadiness(readiness());
    return { ...(body.status !== 'ready' && { status: 503 }), body };
  });
  report(app, ['/metrics'], () => ({
    body: describeMetrics(rest.runtime, readiness(), rest.uptime()),
    type: METRICS_TYPE,
  }));
  addRest(app, rest);
  app.notFound(() => {
    throw apiErrors.NOT_FOUND();
  });
  app.onError(problemOf);
  return app;
}

function report(app: RestApp, paths: readonly string[], describe: () => Report): void {
  for (const path of paths) {
    app.all(path, (context) => {
      const { method } = context.req;
      if (method !== 'GET' && method !== 'HEAD') {
        throw apiErrors.METHOD_NOT_ALLOWED({ details: { allowed: 'GET, HEAD' } });
      }
      const { status = 200, body, type = 'application/json' } = describe();
      return new Response(typeof body === 'string' ? body : JSON.stringify(body), {
        status,
        headers: {
          ...securityHeaders,
          ...(status === 503 && { 'retry-after': '1' }),
          'content-type': type,
        },
      });
    });
  }
}
