import { dirname, resolve } from 'node:path';
import type { JsonObject } from '@hostler/kernel';
import { toMilliseconds } from '../duration.ts';
import { ProblemList } from '../problem.ts';
import { checkShape } from '../schema/check-shape.ts';
import type { CheckedConfig, ConfigFile } from '../schema/config-file.ts';
import { checkCommands, checkHeaderNames, checkTransports } from './check-servers.ts';
import { checkText } from './check-text.ts';
import type { HostPlan, ListenSpec, ProviderSpec } from './host-plan.ts';
import { toUpstreamSpecs } from './upstream-specs.ts';

export interface PlanContext {
  /** Absolute path of the file the configuration came from, or the name of whatever it came from. */
  readonly source: string;
  /** Where relative paths start; the folder of `source` by default. */
  readonly folder?: string;
}

/** Checks a configuration that code has built and completes it. @throws CONFIG_INVALID with every problem. */
export function toPlan(config: ConfigFile, context: PlanContext): HostPlan {
  const problems = new ProblemList(context.source);
  checkText(config, problems);
  const plan = buildPlan(checkConfig(config, problems), context);
  problems.throwIfAny();
  return plan;
}

/** Reports everything that is wrong; returns what is sound. */
export function checkConfig(value: unknown, problems: ProblemList): CheckedConfig {
  const config = checkShape(value, problems);
  checkTransports(config, problems);
  checkCommands(config, problems);
  checkHeaderNames(config, problems);
  return config;
}

export function buildPlan(config: CheckedConfig, { source, folder = dirname(source) }: PlanContext): HostPlan {
  return deepFreeze({
    servers: toUpstreamSpecs(config, folder),
    providers: toProviders(config, folder),
    listen: toListen(config),
    log: { level: config.log.level },
    shutdownGrace: toMilliseconds(config.shutdown.grace),
    source,
  });
}

function toProviders({ secrets }: CheckedConfig, folder: string): ProviderSpec[] {
  return secrets.providers.map((provider) => ({
    use: /^\.\.?\//.test(provider.use) ? resolve(folder, provider.use) : provider.use,
    // A copy, because the plan is frozen and the caller's object is not ours to freeze.
    with: structuredClone(provider.with) as JsonObject,
  }));
}

function toListen({ listen }: CheckedConfig): ListenSpec {
  const { host, port, allowedHosts, allowedOrigins } = listen;
  return { host, port, ...(allowedHosts && { allowedHosts }), ...(allowedOrigins && { allowedOrigins }) };
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
