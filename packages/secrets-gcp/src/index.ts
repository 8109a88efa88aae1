// Every export here is public. Named exports only.

export { gcp } from './gcp.ts';
export type { GcpOptions } from './options.ts';
