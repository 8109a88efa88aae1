export { editServers } from './edit-servers.ts';
export { configErrors } from './errors.ts';
export type { ConfigFormat } from './foreign/detect-format.ts';
export { formatProblems } from './format-problems.ts';
export { importConfig } from './import-config.ts';
export type { ImportOptions } from './import-config.ts';
export { configJsonSchema, serverJsonSchema } from './json-schema.ts';
export { loadConfig } from './load.ts';
export type { LoadOptions, PlanProblem } from './load.ts';
export { parseConfig } from './parse.ts';
export type { ConfigContext, LoadedConfig } from './parse.ts';
export { clientPermissions, permissions } from './permission.ts';
export type { Permission } from './permission.ts';
export { diffPlans } from './plan/diff-plans.ts';
export type { PlanDiff, ServerChange, SettingChange } from './plan/diff-plans.ts';
export type {
  ApiSpec,
  AuthSpec,
  HostPlan,
  ListenSpec,
  LogSpec,
  ProviderSpec,
  ReloadSpec,
  ServerChangesSpec,
} from './plan/host-plan.ts';
export { HIDDEN_VALUE, planServer } from './plan/plan-server.ts';
export type { ServerPlan } from './plan/plan-server.ts';
export type { LeakAction, LocalVaultSpec, SecretsSpec } from './plan/secrets-spec.ts';
export { toPlan } from './plan/to-plan.ts';
export type { PlanContext } from './plan/to-plan.ts';
export type { ConfigProblem, PointedProblem } from './problem.ts';
export { configReference } from './reference.ts';
export type { ConfigFile } from './schema/config-file.ts';
