export { createApi } from './create-api.ts';
export type { Api, ApiOptions } from './create-api.ts';
export { apiErrors } from './errors.ts';
export type { Health, ReadinessReport, ServerHealth } from './health.ts';
export { listen } from './listen.ts';
export type { Listening, ListenOptions } from './listen.ts';
export type { Problem } from './problem.ts';
export { defaultServerLimits } from './server-limits.ts';
export type { ServerLimits } from './server-limits.ts';
