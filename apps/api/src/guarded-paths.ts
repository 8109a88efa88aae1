import type { Context, Hono, MiddlewareHandler } from 'hono';
import { isAccess } from './access.ts';
import type { Access, Authorization } from './access.ts';
import type { RestContext, RestEnvironment } from './rest/add-rest.ts';

export interface GuardedPath {
  /** `ALL`: whatever no other has answered. */
  readonly method: string;
  /** As Hono writes it. */
  readonly path: string;
  readonly access: Access;
  readonly answer: (context: RestContext) => Response | Promise<Response>;
}

/** The one way to answer at a path: nothing is there that does not say who may ask. */
export interface GuardedPaths {
  /** @throws where it does not say who may ask */
  add(path: GuardedPath): void;
  /** Who asks, for all paths that are added from here on. */
  identify(step: MiddlewareHandler<RestEnvironment>): void;
  /** @throws where something answers that was added past this */
  check(): void;
}

export function createGuardedPaths(app: Hono<RestEnvironment>, authorization: Authorization): GuardedPaths {
  const known = new Set<unknown>();
  return {
    add({ method, path, access, answer }) {
      if (!isAccess(access)) throw new TypeError(`${method} ${path} does not say who may ask: ${String(access)}`);
      const guarded = (context: Context<RestEnvironment>): Response | Promise<Response> => {
        // Before anything of the request is read but its head.
        authorization.require(context.get('consumer'), access);
        return answer(context);
      };
      known.add(guarded);
      app.on(method, path, guarded);
    },
    identify(step) {
      known.add(step);
      app.use(step);
    },
    check() {
      const unguarded = app.routes.find(({ handler }) => !known.has(handler));
      if (unguarded) throw new TypeError(`${unguarded.method} ${unguarded.path} does not say who may ask`);
    },
  };
}
