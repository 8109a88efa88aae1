import type { Readiness } from '@hostler/runtime';
import { Hono } from 'hono';
import type { Access, Authorization } from './access.ts';
import type { Authentication } from './authentication.ts';
import { apiErrors } from './errors.ts';
import { briefly, describeHealth, describeReadiness } from './health.ts';
import { addConsentPages } from './consent-pages.ts';
import { createGuardedPaths } from './guarded-paths.ts';
import type { GuardedPaths } from './guarded-paths.ts';
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
  readonly authorization: Authorization;
  /** Adds what other processes of the host have counted; absent: there are none. */
  readonly metricsOf?: (own: string) => Promise<string>;
}

/** Everything that is no MCP endpoint: how the host is doing, for probes and people, and REST. */
export function createApp(options: AppOptions): RestApp {
  const { readiness, rest, problemOf, authentication, authorization, metricsOf } = options;
  const app: RestApp = new Hono();
  const paths = createGuardedPaths(app, authorization);
  // Names of servers are nobody's business who could not call any.
  const mayKnow = async ({ env }: RestContext): Promise<boolean> =>
    authorization.may(await authentication.find(env.incoming), 'health:read');
  report(paths, ['/livez'], 'anyone', () => ({ body: { status: 'ok' } }));
  report(paths, ['/healthz', '/health'], 'anyone', async (context) => {
    const body = describeHealth(readiness());
    return { body: (await mayKnow(context)) ? body : briefly(body) };
  });
  report(paths, ['/readyz'], 'anyone', async (context) => {
    const body = describeReadiness(readiness());
    return { ...(body.status !== 'ready' && { status: 503 }), body: (await mayKnow(context)) ? body : briefly(body) };
  });
  report(paths, [PROTECTED_RESOURCE, `${PROTECTED_RESOURCE}/*`], 'anyone', ({ req: { path } }) => ({
    body: describeProtectedResource(path, rest.runtime.plan),
  }));
  addConsentPages(paths, rest.runtime);
  // Whatever is added from here on is for consumers alone, and so is the word that there is nothing.
  paths.identify(async (context, next) => {
    context.set('consumer', await authentication.identify(context.env.incoming));
    await next();
  });
  report(paths, ['/metrics'], 'metrics:read', async () => {
    const own = describeMetrics(rest.runtime, readiness(), rest.uptime());
    return { body: metricsOf === undefined ? own : await metricsOf(own), type: METRICS_TYPE };
  });
  addRest(paths, rest);
  paths.check();
  app.notFound(() => {
    throw apiErrors.NOT_FOUND();
  });
  app.onError(problemOf);
  return app;
}

function report(
  guarded: GuardedPaths,
  paths: readonly string[],
  access: Access,
  describe: (context: RestContext) => Report | Promise<Report>,
): void {
  for (const path of paths) {
    const answer = async (context: RestContext): Promise<Response> => {
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
    };
    guarded.add({ method: 'ALL', path, access, answer });
  }
}
