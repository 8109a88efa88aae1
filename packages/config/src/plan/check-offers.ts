import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';

/** An argument can be pinned, or have a default, or be hidden. */
export function checkOffers({ servers }: CheckedConfig, problems: ProblemList): void {
  for (const [name, server] of Object.entries(servers)) {
    for (const kind of ['tools', 'prompts'] as const) checkArguments(['servers', name, kind], server[kind], problems);
  }
}

function checkArguments(
  path: readonly string[],
  overrides: Readonly<Record<string, { readonly arguments?: Readonly<Record<string, object>> }>> = {},
  problems: ProblemList,
): void {
  for (const [name, override] of Object.entries(overrides)) {
    for (const [argument, rule] of Object.entries(override.arguments ?? {})) {
      const keys = Object.keys(rule);
      if (keys.length === 1) continue;
      const problem = keys.length === 0 ? 'changes nothing' : `has ${keys.join(' and ')} at once`;
      problems.add([...path, name, 'arguments', argument], problem, {
        hint: 'write one of pin, default and hide',
        part: 'key',
      });
    }
  }
}
