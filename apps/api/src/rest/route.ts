import type { Permission } from '@hostler/config';
import type { Consumer, CountedRate, Json, JsonObject } from '@hostler/kernel';
import type { Readiness, Runtime } from '@hostler/runtime';
import type { GenericSchema, InferOutput } from 'valibot';

export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What the work of a route has at hand. */
export interface RestParts {
  readonly runtime: Runtime;
  readonly readiness: () => Readiness;
  /** Until the servers that are starting are up, for a moment at most. */
  readonly untilStarted: () => Promise<void> | undefined;
  /** Milliseconds since the host began. */
  readonly uptime: () => number;
  readonly routes: () => readonly Route[];
  /** Whether a caller is allowed something beside the route itself. */
  readonly may: (consumer: Consumer, permission: Permission) => boolean;
}

export interface RouteRequest<Query, Body> {
  readonly consumer: Consumer;
  /** Parts of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** See `Exchange`. */
  readonly traceParent?: string | undefined;
  /** To be told of each rate that the request is counted against. */
  readonly onCounted?: ((rate: CountedRate) => void) | undefined;
  /** Fires when the client is gone, or the host stops. */
  readonly signal: AbortSignal;
}

export interface RouteAnswer {
  readonly status?: 200 | 201 | 204;
  /** Finished JSON, or a value; nothing for 204. */
  readonly body?: Uint8Array | object;
}

export interface RouteOptions<Query extends GenericSchema, Body extends GenericSchema> {
  readonly method: RouteMethod;
  /** Places are written `{name}`, as in OpenAPI. */
  readonly path: `/v1/${string}`;
  /** Unique; what generated clients call it. */
  readonly id: string;
  readonly summary: string;
  readonly tag: 'use' | 'about' | 'servers' | 'secrets' | 'log' | 'oauth';
  /** What the caller has to be allowed. */
  readonly permission: Permission;
  /** Checks the query; none is allowed when it is absent. */
  readonly query?: Query;
  /** Checks the body; none is read when it is absent. */
  readonly body?: Body;
  /** Describes the body where the schema that checks it is not valibot's alone. */
  readonly bodySchema?: () => JsonObject;
  /** It changes what runs: refused unless the plan allows it, under `api.servers` or `api.secrets`; the others have no such switch. */
  readonly changes?: 'servers' | 'secrets' | 'log' | 'grants';
  /** Describes the answer of success. */
  readonly answer: { readonly status: 200 | 201 | 204; readonly means: string; readonly schema?: JsonObject };
  /** Statuses of the problems beside those of every route. */
  readonly problems?: readonly number[];
  readonly work: (
    parts: RestParts,
    request: RouteRequest<InferOutput<Query>, InferOutput<Body>>,
  ) => Promise<RouteAnswer> | RouteAnswer;
}

/** A route whose query and body are checked before its work begins. */
export interface Route extends Omit<RouteOptions<GenericSchema, GenericSchema>, 'work'> {
  readonly work: (parts: RestParts, request: RouteRequest<unknown, Json | undefined>) => ReturnType<AnyWork>;
}

type AnyWork = RouteOptions<GenericSchema, GenericSchema>['work'];

export function defineRoute<const Query extends GenericSchema, const Body extends GenericSchema>(
  options: RouteOptions<Query, Body>,
): Route {
  // The request was checked with the schemas that the types come from.
  return options as unknown as Route;
}

/** The names of the places of a path. */
export function placesOf(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
}
