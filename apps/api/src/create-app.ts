import type { Readiness } from '@hostler/runtime';
import { Hono } from 'hono';
import type { Authentication } from './authentication.ts';
import { apiErrors } from './errors.ts';
import { briefly, describeHealth, describeReadiness } from './health.ts';
import { describeProtectedResource, PROTECTED_RESOURCE } from './protected-resource.ts';
import { describeMetrics, METRICS_TYPE } from './metrics.ts';
import { addRest } from './rest/add-rest.ts';
import type { RestApp, RestContext, RestOptions } from './rest/add-rest.ts';
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
  readonly authentication: Authentication;
}

/** Everything that is no MCP endpoint: how the host is doing, for probes and people, and REST. */
export function createApp({ readiness, rest, problemOf, authentication }: AppOptions): RestApp {
  const app: RestApp = new Hono();
  // Names of servers are nobody's business who could not call any.
  const mayKnow = ({ env }: RestContext): Promise<boolean> => authentication.isKnown(env.incoming);
  report(app, ['/livez'], () => ({ body: { status: 'ok' } }));
  report(app, ['/healthz', '/health'], async (context) => {
    const body = describeHealth(readiness());
    return { body: (await mayKnow(context)) ? body : briefly(body) };
  });
  report(app, ['/readyz'], async (context) => {
    const body = describeReadiness(readiness());
    return { ...(body.status !== 'ready' && { status: 503 }), body: (await mayKnow(context)) ? body : briefly(body) };
  });
  report(app, [PROTECTED_RESOURCE, `${PROTECTED_RESOURCE}/*`], ({ req: { path } }) => ({
    body: describeProtectedResource(path, rest.runtime.plan),
  }));
  // Whatever is added from here on is for consumers alone, and so is the word that there is nothing.
  app.use(async (context, next) => {
    context.set('consumer', await authentication.identify(context.env.incoming));
    await next();
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

function report(
  app: RestApp,
  paths: readonly string[],
  describe: (context: RestContext) => Report | Promise<Report>,
): void {
  for (const path of paths) {
    app.all(path, async (context) => {
      const { method } = context.req;
      if (method !== 'GET' && method !== 'HEAD') {
        throw apiErrors.METHOD_NOT_ALLOWED({ details: { allowed: 'GET, HEAD' } });
      }
      const { status = 200, body, type = 'application/json' } = await describe(context);
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
