// The public surface of @hostler/upstream. A name added here is a promise.
export type { Connect, ConnectContext, Connection } from './connection.ts';
export { createConnectors } from './connectors.ts';
export { createPool } from './create-pool.ts';
export type { Connectors, PoolOptions } from './create-pool.ts';
export { upstreamErrors } from './errors.ts';
export { hostAsClient, hostInfo } from './host-info.ts';
export { connectHttp } from './http/connect-http.ts';
export { connectInProcess } from './in-process/connect-in-process.ts';
export { servedInProcess } from './in-process/served-in-process.ts';
export type { ServedHandle } from './in-process/served-in-process.ts';
export { defaultUpstreamLimits } from './limits.ts';
export type { UpstreamLimits } from './limits.ts';
export type { Pool, PoolEvent, UpstreamState, UpstreamStatus } from './pool.ts';
export { createConnectStdio } from './stdio/connect-stdio.ts';
export type { ConnectStdioOptions } from './stdio/connect-stdio.ts';
