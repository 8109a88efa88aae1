// For the processes of one host. A name added here is a promise.
export { createLink } from '@hostler/upstream/relay';
export type { Link } from '@hostler/upstream/relay';
export { createWorkerParts } from './worker-parts.ts';
export type { WorkerParts, WorkerPartsOptions } from './worker-parts.ts';
