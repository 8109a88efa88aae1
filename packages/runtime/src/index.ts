export { systemClock } from './clock.ts';
export { createRuntime } from './create-runtime.ts';
export { providerErrors } from './errors.ts';
export type { Readiness, Runtime, RuntimeOptions } from './runtime.ts';
