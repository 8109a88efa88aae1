export { checkSecrets } from './check-secrets.ts';
export { systemClock } from './clock.ts';
export type { ApplyReport, ConfigurationState } from './configuration.ts';
export type { Consumers } from './consumers.ts';
export { createRuntime } from './create-runtime.ts';
export { providerErrors, rotationErrors, saveErrors, serverErrors } from './errors.ts';
export { logCrashes } from './log-crashes.ts';
export type { CrashSource } from './log-crashes.ts';
export type { ServerFailure } from './reconcile.ts';
export type { Readiness, Runtime, RuntimeOptions } from './runtime.ts';
export type {
  FailingRotation,
  RenewedServer,
  RotateOptions,
  RotationCounts,
  RotationReport,
  SecretProblem,
  SecretRow,
  Secrets,
  SecretsReadiness,
} from './secrets.ts';
export type { SaveReport, ServerDrift, ServerOrigin, ServerRecord, Servers, ServerTest } from './servers.ts';
