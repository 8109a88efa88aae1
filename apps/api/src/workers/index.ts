// How a host is divided among processes. A name added here is a promise.
export { checkShareable } from './check-shareable.ts';
export { countWorkers, parseWorkers } from './count-workers.ts';
