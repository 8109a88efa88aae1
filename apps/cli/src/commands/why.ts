import type { ConsumerSpec, HostPlan } from '@hostler/config';
import type { ViewKind, ViewSpec } from '@hostler/kernel';
import { createView } from '@hostler/router';
import { bundleNamed, consumerNamed } from '../acting-consumer.ts';
import type { Cli } from '../cli.ts';
import { cliErrors } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadPlan } from '../load-plan.ts';
import { printableLine } from '../text/printable.ts';

export interface WhyFlags {
  readonly as: string;
  /** The bundle through which it looks. */
  readonly bundle?: string;
}

/**
 * `hostler why <name> --as <consumer>`: which rule of the configuration lets a consumer see something, or hides it; through
 * a bundle, the rule of the bundle when the consumer itself may see it.
 */
export async function runWhy(cli: Cli, name: string, { as, bundle }: WhyFlags): Promise<number> {
  const { plan } = await loadPlan(cli);
  const consumer = consumerNamed(plan, as);
  const thing = parseThing(plan, name);
  const own = findReason(consumer, thing);
  const through = bundle === undefined || !own.allowed ? undefined : throughBundle(plan, consumer, { bundle, thing });
  const reason = through ?? own;
  const place = bundle === undefined ? {} : { bundle, by: through === undefined ? 'consumer' : 'bundle' };
  if (cli.output.isJson) cli.output.json({ consumer: as, ...thing, ...reason, ...place });
  else {
    const whose = through === undefined || reason.rule === 'bundles' ? as : `the bundle ${printableLine(bundle ?? '')}`;
    cli.output.print(`${reason.allowed ? 'allowed' : 'hidden'}: ${describe(whose, thing, reason)}`);
  }
  return reason.allowed ? exitCodes.OK : exitCodes.NOT_FOUND;
}

/** @throws CLI_USAGE for a bundle that is not configured */
function throughBundle(
  plan: HostPlan,
  { bundles }: ConsumerSpec,
  { bundle, thing }: { readonly bundle: string; readonly thing: Thing },
): Reason {
  const spec = bundleNamed(plan, bundle);
  return bundles?.includes(bundle) === false ? { allowed: false, rule: 'bundles' } : findReason(spec, thing);
}

interface Thing {
  readonly kind: ViewKind;
  readonly server: string;
  readonly name: string;
}

/** As patterns are written, `kind:server/name`; or as clients know it, `server__name`: then it is a tool. */
function parseThing({ servers, groups }: HostPlan, text: string): Thing {
  const [, kind = 'tool', rest = ''] = /^(?:(tool|prompt|resource):)?(.*)$/s.exec(text) ?? [];
  const names = [...servers, ...groups].map(({ name }) => name).toSorted((one, other) => other.length - one.length);
  for (const server of names) {
    const separator = ['/', '__'].find((mark) => rest.startsWith(`${server}${mark}`));
    if (separator === undefined) continue;
    return { kind: kind as ViewKind, server, name: rest.slice(server.length + separator.length) };
  }
  const problem = `"${printableLine(text)}" begins with no server. Write server__tool, tool:server/name, prompt:server/name or resource:server/URI. There are: ${names.toSorted().join(', ') || 'none'}.`;
  throw cliErrors.USAGE({ details: { problem } });
}

interface Reason {
  readonly allowed: boolean;
  readonly rule: 'servers' | 'allow' | 'deny' | 'bundles' | 'none';
  readonly pattern?: string;
}

/** Each rule is asked alone, by the same code that decides. */
function findReason(spec: ViewSpec, { kind, server, name }: Thing): Reason {
  const { servers, allow, deny = [] } = spec;
  const allowed = createView(spec).allows(kind, server, name);
  if (servers !== undefined && !servers.includes(server)) return { allowed: false, rule: 'servers' };
  const denied = deny.find((pattern) => !createView({ deny: [pattern] }).allows(kind, server, name));
  if (denied !== undefined) return { allowed, rule: 'deny', pattern: denied };
  if (allow === undefined) return { allowed, rule: servers === undefined ? 'none' : 'servers' };
  const fitting = allow.find((pattern) => createView({ allow: [pattern] }).allows(kind, server, name));
  return { allowed, rule: 'allow', ...(fitting !== undefined && { pattern: fitting }) };
}

function describe(whose: string, { server }: Thing, { allowed, rule, pattern }: Reason): string {
  if (pattern !== undefined) return `"${printableLine(pattern)}" in "${rule}" of ${whose} fits`;
  if (rule === 'bundles') return `"bundles" of ${whose} does not name this one`;
  if (rule === 'none') return `${whose} has neither "servers" nor "allow", and nothing in "deny" fits`;
  if (rule === 'allow') return `nothing in "allow" of ${whose} fits`;
  return `"servers" of ${whose} ${allowed ? 'names' : 'does not name'} ${server}${allowed ? ', and there is no "allow"' : ''}`;
}
