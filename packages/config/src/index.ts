export { configErrors } from './errors.ts';
export type { ConfigFormat } from './foreign/detect-format.ts';
export { formatProblems } from './format-problems.ts';
export { loadConfig } from './load.ts';
export type { LoadOptions, PlanProblem } from './load.ts';
export { clientPermissions, permissions } from './permission.ts';
export type { Permission } from './permission.ts';
export type { AuditFailure, AuditSinkSpec, AuditSpec, FileSinkSpec, HttpSinkSpec } from './plan/audit-spec.ts';
export type {
  BundleSpec,
  ConsumerSpec,
  HashedKeySpec,
  KeySpec,
  SecretKeySpec,
  TokenMatchSpec,
} from './plan/consumer-spec.ts';
export { diffPlans } from './plan/diff-plans.ts';
export type { PlanDiff, ServerChange, SettingChange } from './plan/diff-plans.ts';
export type {
  ApiSpec,
  AuthSpec,
  CallsSpec,
  HostPlan,
  ListenSpec,
  LogLevel,
  LogModule,
  LogSpec,
  OutboundSpec,
  ProviderSpec,
  ReloadSpec,
  ServerChangesSpec,
} from './plan/host-plan.ts';
export type { IntrospectionSpec, IssuerSpec, JwtIssuerSpec, LoadBalancerSpec } from './plan/issuer-spec.ts';
export type { LimitsSpec, LimitStoreSpec, RedisSpec } from './plan/limits-spec.ts';
export type { LockSpec } from './plan/lock-spec.ts';
export { HIDDEN_VALUE, planServer } from './plan/plan-server.ts';
export type { ServerPlan } from './plan/plan-server.ts';
export type { LeakAction, LocalVaultSpec, SecretsSpec } from './plan/secrets-spec.ts';
export { toPlan } from './plan/to-plan.ts';
export type { PlanContext } from './plan/to-plan.ts';
export type { ConfigProblem, PointedProblem } from './problem.ts';
export type { ConfigFile } from './schema/config-file.ts';
export { LOG_MODULES, log as logLevelsSchema } from './schema/log.ts';
export type { ConfigContext, LoadedConfig } from './source.ts';
