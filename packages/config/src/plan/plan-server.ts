import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject, UpstreamSpec } from '@hostler/kernel';
import { ProblemList } from '../problem.ts';
import type { PointedProblem } from '../problem.ts';
import { checkText } from './check-text.ts';
import { checkConfig, deepFreeze } from './to-plan.ts';
import { toUpstreamSpecs } from './upstream-specs.ts';

/** What stands in place of a value that is not shown. */
export const HIDDEN_VALUE = '[set]';

/** One server, checked as if it stood in a file. */
export interface ServerPlan {
  readonly spec: UpstreamSpec;
  readonly isDisabled: boolean;
  /** As it was written; a copy. */
  readonly written: JsonObject;
}

/**
 * Checks and completes the settings of one server: those that stand below `servers.<name>` in a file, in the same shape.
 * `folder` is where relative paths start.
 * @returns the plan, or everything that is wrong, with pointers that start at the settings.
 */
export function planServer(
  name: string,
  settings: unknown,
  folder: string,
): ServerPlan | { readonly problems: readonly PointedProblem[] } {
  const whole = { servers: { [name]: settings } };
  const problems = new ProblemList('');
  checkText(whole, problems);
  checkHidden(name, settings, problems);
  const config = checkConfig(whole, folder, problems);
  // Such names, like constructor, are left out of maps without a word.
  if (problems.count === 0 && !Object.hasOwn(config.servers, name)) {
    problems.add(['servers', name], 'this name is reserved');
  }
  const server = config.servers[name];
  const [spec] = server === undefined ? [] : toUpstreamSpecs(withServer(config, name, server), folder);
  if (problems.count > 0 || server === undefined || spec === undefined) return { problems: problems.toPointers(2) };
  const written = structuredClone(settings) as JsonObject;
  return deepFreeze({ spec, isDisabled: server.disabled, written });
}

type Config = ReturnType<typeof checkConfig>;

/** A disabled server is planned too, for the day it is enabled. */
function withServer(config: Config, name: string, server: Config['servers'][string]): Config {
  return { ...config, servers: { [name]: { ...server, disabled: false } } };
}

/** What was shown with its values hidden must not come back as if these were the values. */
function checkHidden(name: string, settings: unknown, problems: ProblemList): void {
  if (!isJsonObject(settings)) return;
  const hint = 'write the value itself, or better a reference: { secret: "env://NAME" }';
  for (const part of ['env', 'headers'] as const) {
    const values: Json | undefined = settings[part];
    if (!isJsonObject(values)) continue;
    for (const [key, value] of Object.entries(values)) {
      if (value === HIDDEN_VALUE) problems.add(['servers', name, part, key], NOT_SHOWN, { hint });
    }
  }
  const { url } = settings;
  if (typeof url !== 'string' || !URL.canParse(url)) return;
  if (![...new URL(url).searchParams.values()].includes(HIDDEN_VALUE)) return;
  problems.add(['servers', name, 'url'], 'its query holds what stands for a value that is not shown');
}

const NOT_SHOWN = 'this stands for a value that is not shown';
