import { dirname, resolve } from 'node:path';
import type { JsonObject } from '@hostler/kernel';
import { toMilliseconds } from '../duration.ts';
import { ProblemList } from '../problem.ts';
import { checkShape } from '../schema/check-shape.ts';
import type { CheckedConfig, ConfigFile } from '../schema/config-file.ts';
import { toAuditSpec } from './audit-spec.ts';
import { toAuthSpec } from './auth-spec.ts';
import { checkAudit } from './check-audit.ts';
import { toBundleSpecs } from './bundle-specs.ts';
import { toCertificateHeader } from './certificate-header.ts';
import { checkAuth } from './check-auth.ts';
import { checkBundles } from './check-bundles.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkConsumers } from './check-consumers.ts';
import { checkVariableNames } from './check-environment.ts';
import { checkGroups } from './check-groups.ts';
import { checkLock } from './check-lock.ts';
import { checkListen } from './check-listen.ts';
import { checkOAuth } from './check-oauth.ts';
import { checkLimits } from './check-limits.ts';
import { checkOffers } from './check-offers.ts';
import { checkPersonal } from './check-personal.ts';
import { checkOptions } from './check-options.ts';
import { checkRoles } from './check-roles.ts';
import { checkRoots } from './check-roots.ts';
import { checkNetworks } from './check-network.ts';
import { checkCommands, checkHeaderNames, checkTransports } from './check-servers.ts';
import { checkText } from './check-text.ts';
import { checkVault } from './check-vault.ts';
import { toConsumerSpecs } from './consumer-specs.ts';
import { toGroupSpecs } from './group-specs.ts';
import { toLockSpec } from './lock-spec.ts';
import type { HostPlan, ProviderSpec } from './host-plan.ts';
import { toListenSpec } from './listen-spec.ts';
import { toLimitsSpec } from './limits-spec.ts';
import { toSecretsSpec } from './secrets-spec.ts';
import { toUpstreamSpecs } from './upstream-specs.ts';
import { writtenMap, writtenNames } from './written-names.ts';

export interface PlanContext {
  /** Absolute path of the file the configuration came from, or the name of whatever it came from. */
  readonly source: string;
  /** Where relative paths start; the folder of `source` by default. */
  readonly folder?: string;
}

interface BuildContext extends PlanContext {
  /** The configuration before its defaults were filled in. */
  readonly written: unknown;
}

/** Checks a configuration that code has built and completes it. @throws CONFIG_INVALID with every problem. */
export function toPlan(config: ConfigFile, context: PlanContext): HostPlan {
  const problems = new ProblemList(context.source);
  checkText(config, problems);
  const { folder = dirname(context.source) } = context;
  const checked = checkConfig(config, folder, problems);
  checkVault(checked, config, problems);
  const plan = buildPlan(checked, { ...context, written: config });
  problems.throwIfAny();
  return plan;
}

/** Reports everything that is wrong; returns what is sound. `folder` is where relative paths start. */
export function checkConfig(value: unknown, folder: string, problems: ProblemList): CheckedConfig {
  const config = checkShape(value, problems);
  checkTransports(config, problems);
  checkCommands(config, problems);
  checkHeaderNames(config, problems);
  checkNetworks(config, problems);
  checkOAuth(config, problems);
  checkGroups(config, writtenNames(value, 'servers'), problems);
  checkPersonal(config, problems);
  checkOffers(config, problems);
  checkRoots(config, folder, problems);
  checkVariableNames(value, problems);
  checkOptions(config, problems);
  checkConsumers(config, value, problems);
  checkBundles(config, value, problems);
  checkLimits(config, value, problems);
  checkRoles(config, value, problems);
  checkLock(config, problems);
  checkAuth(config, value, problems);
  checkAudit(config, problems);
  checkListen(config, problems);
  checkCertificates(config, problems);
  return config;
}

export function buildPlan(
  config: CheckedConfig,
  { source, folder = dirname(source), written }: BuildContext,
): HostPlan {
  const consumers = toConsumerSpecs(config);
  const audit = toAuditSpec(config, folder);
  return deepFreeze({
    servers: toUpstreamSpecs(config, folder),
    groups: toGroupSpecs(config),
    providers: toProviders(config, folder),
    secrets: toSecretsSpec(config, folder),
    ...(consumers && { consumers }),
    bundles: toBundleSpecs(config),
    auth: { ...toAuthSpec(config), ...toCertificateHeader(config) },
    lock: toLockSpec(config, folder),
    ...(audit && { audit }),
    listen: toListenSpec(config, folder),
    limits: toLimitsSpec(config, folder),
    calls: { busyPoll: config.calls.busyPoll },
    outbound: { allow: [...config.outbound.allow] },
    log: { level: config.log.level, modules: { ...config.log.modules } },
    shutdownGrace: toMilliseconds(config.shutdown.grace),
    api: toApi(config),
    reload: { watch: config.reload.watch },
    ...(config.state.directory !== undefined && { stateDirectory: resolve(folder, config.state.directory) }),
    written: toWritten(config, written),
    source,
    folder,
  });
}

function toProviders({ secrets }: CheckedConfig, folder: string): ProviderSpec[] {
  return secrets.providers.map((provider) => ({
    use: /^\.\.?\//.test(provider.use) ? resolve(folder, provider.use) : provider.use,
    // A copy, because the plan is frozen and the caller's object is not ours to freeze.
    with: structuredClone(provider.with) as JsonObject,
  }));
}

function toApi({ api }: CheckedConfig): HostPlan['api'] {
  const { enabled, commands, hosts, secrets, env } = api.servers;
  return {
    servers: { enabled, commands: [...commands], hosts: [...hosts], secrets: [...secrets], env: [...env] },
    secrets: { enabled: api.secrets.enabled },
  };
}

/** Copies, because the plan is frozen and the caller's object is not ours to freeze. */
function toWritten({ servers }: CheckedConfig, written: unknown): Record<string, JsonObject> {
  const sound = Object.entries(writtenMap(written, 'servers')).filter(([name]) => Object.hasOwn(servers, name));
  return Object.fromEntries(sound.map(([name, settings]) => [name, structuredClone(settings) as JsonObject]));
}

export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
