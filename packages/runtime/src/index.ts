export { readAuditAnchors } from './audit-anchor.ts';
export { readOwnAuditKey } from './audit-key-file.ts';
export { checkSecrets } from './check-secrets.ts';
export { systemClock } from './clock.ts';
export type { ApplyReport, ConfigurationState } from './configuration.ts';
export type { Consumers } from './consumers.ts';
export { createRuntime } from './create-runtime.ts';
export {
  limitStoreErrors,
  listenErrors,
  lockErrors,
  providerErrors,
  rotationErrors,
  saveErrors,
  serverErrors,
} from './errors.ts';
export type { ListenTls, TlsMaterial } from './listen-tls.ts';
export type { ApproveOptions, ApproveReport, Lock } from './lock.ts';
export { logCrashes } from './log-crashes.ts';
export type { CrashSource } from './log-crashes.ts';
export type { Logs } from './logger.ts';
export type { ServerFailure } from './reconcile.ts';
export type { Readiness, Runtime, RuntimeLimits, RuntimeOptions } from './runtime.ts';
export type { Tokens } from './create-tokens.ts';
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
