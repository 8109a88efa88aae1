// The public surface of @hostler/endpoint. A name added here is a promise.
export { clientErrors } from './client-errors.ts';
export type { Caller } from './core/endpoint-parts.ts';
export { hasRoom } from './core/has-room.ts';
export { guardRequest } from './guard-request.ts';
export type { GuardOptions } from './guard-request.ts';
export { addRateLimit } from './http/add-rate-limit.ts';
export { createHttpEndpoint } from './http/http-endpoint.ts';
export type { HttpEndpoint, HttpEndpointOptions } from './http/http-endpoint.ts';
export { isWhole } from './http/http-messages.ts';
export type { HttpRequest, HttpResponse, RequestHead, WholeRequest } from './http/http-messages.ts';
export type { Elsewhere, Posted } from './http/http-parts.ts';
export { httpErrors } from './http-errors.ts';
export { defaultEndpointLimits } from './limits.ts';
export type { ConsumerBounds, EndpointLimits } from './limits.ts';
export { refuseUpgrade } from './websocket/refuse-upgrade.ts';
export type { UpgradeRefusal } from './websocket/refuse-upgrade.ts';
export { createStdioEndpoint } from './stdio/stdio-endpoint.ts';
export type { StdioEndpoint, StdioEndpointOptions } from './stdio/stdio-endpoint.ts';
