// The public surface of @hostler/upstream. A name added here is a promise.
export { BusyPoll } from './busy-poll.ts';
export type { BusyPollOptions } from './busy-poll.ts';
export type { Connect, ConnectContext, Connection, StartPhase } from './connection.ts';
export {
  connectInProcess,
  createConnectHttp,
  createConnectors,
  createConnectStdio,
  createConnectWebSocket,
} from './connectors.ts';
export { createPool } from './create-pool.ts';
export type { Connectors, PoolOptions } from './pool-options.ts';
export { upstreamErrors } from './errors.ts';
export { rootsErrors } from './roots/roots-errors.ts';
export { hostAsClient, hostInfo } from './host-info.ts';
export type { ConnectHttpOptions } from './http/connect-http.ts';
export { servedInProcess } from './in-process/served-in-process.ts';
export type { ServedHandle } from './in-process/served-in-process.ts';
export { defaultUpstreamLimits } from './limits.ts';
export type { UpstreamLimits } from './limits.ts';
export type {
  ConnectionUser,
  MissingSecret,
  Pool,
  PoolEvent,
  UpstreamPhase,
  UpstreamState,
  UpstreamStatus,
} from './pool.ts';
export { createGuardedFetch } from './network/guarded-fetch.ts';
export type { GuardedFetch, GuardedFetchOptions } from './network/guarded-fetch.ts';
export { networkErrors } from './network/network-errors.ts';
export { createReach } from './network/reach.ts';
export type { Reach, ReachOptions } from './network/reach.ts';
export { describePersonal } from './personal-server.ts';
export { hasUserGrant, isPersonal } from './personal-spec.ts';
export { RoutedExchange } from './routed-exchange.ts';
export type { ServerTokens, TokenRefusal, TokenServer } from './server-tokens.ts';
export type { ConnectStdioOptions } from './stdio/connect-stdio.ts';
export type { ResourceHold } from './subscriptions/connection-subscriptions.ts';
export { untilAborted } from '@hostler/secrets';
