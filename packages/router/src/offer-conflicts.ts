import type { DefinitionOverride, OfferSpec } from '@hostler/kernel';
import { toArgumentRules } from './argument-rules.ts';
import { shown } from './conflict.ts';
import type { Conflict } from './conflict.ts';
import type { DefinitionLists } from './definition.ts';
import { argumentNames, requiredArguments } from './override.ts';
import { createFilter } from './pattern.ts';

/** What the configuration says about a server that its lists do not bear out: a slip in most cases. */
export function offerConflicts(server: string, lists: DefinitionLists, offer: OfferSpec): Conflict[] {
  return [
    ...unusedPatterns(server, lists, 'include', offer.include),
    ...unusedPatterns(server, lists, 'exclude', offer.exclude),
    ...overrideConflicts(server, lists, 'tool', offer.tools),
    ...overrideConflicts(server, lists, 'prompt', offer.prompts),
  ];
}

/** Only of patterns without a wildcard: one that fits nothing at the moment may be meant for later. */
function unusedPatterns(
  server: string,
  lists: DefinitionLists,
  list: 'include' | 'exclude',
  patterns: readonly string[] = [],
): Conflict[] {
  return patterns
    .filter((pattern) => !/[*?]/.test(pattern) && !isUsed(lists, pattern))
    .map((key) => ({
      problem: 'pattern-unused',
      server,
      key,
      message: `"${list}" of ${server} names ${shown(key)}, which the server does not have.`,
      mend: `Correct or remove it in servers.${server}.${list}.`,
    }));
}

function isUsed(lists: DefinitionLists, pattern: string): boolean {
  const filter = createFilter({ include: [pattern] });
  return (['tool', 'prompt', 'resource', 'template'] as const).some((kind) =>
    lists[kind].some(({ key }) => filter.offers(kind, key)),
  );
}

function overrideConflicts(
  server: string,
  lists: DefinitionLists,
  kind: 'tool' | 'prompt',
  overrides: Readonly<Record<string, DefinitionOverride>> = {},
): Conflict[] {
  return Object.entries(overrides).flatMap(([key, override]): Conflict[] => {
    const place = `servers.${server}.${kind}s.${key}`;
    const definition = lists[kind].find((candidate) => candidate.key === key);
    if (definition !== undefined) return argumentConflicts({ server, kind, key, place }, definition.bytes, override);
    const message = `The configuration changes the ${kind} ${shown(key)} of ${server}, which the server does not have.`;
    return [{ problem: 'override-unused', server, kind, key, message, mend: `Correct or remove ${place}.` }];
  });
}

interface OverridePlace {
  readonly server: string;
  readonly kind: 'tool' | 'prompt';
  readonly key: string;
  readonly place: string;
}

function argumentConflicts(
  { server, kind, key, place }: OverridePlace,
  definition: Uint8Array,
  override: DefinitionOverride,
): Conflict[] {
  const rules = toArgumentRules(override.arguments);
  if (rules === undefined) return [];
  const known = new Set(argumentNames(kind, definition));
  const required = new Set(requiredArguments(kind, definition));
  return Object.keys(override.arguments ?? {}).flatMap((name): Conflict[] => {
    const about = { server, kind, key };
    const subject = `argument ${shown(name)} of the ${kind} ${shown(key)} of ${server}`;
    if (!known.has(name)) {
      const message = `The configuration changes the ${subject}, which it does not have.`;
      return [{ problem: 'argument-unused', ...about, message, mend: `Correct or remove ${place}.arguments.${name}.` }];
    }
    if (!rules.removed.has(name) || Object.hasOwn(rules.pinned, name) || !required.has(name)) return [];
    const message = `The ${subject} is hidden, but the server requires it: every call will fail.`;
    return [
      { problem: 'argument-missing', ...about, message, mend: `Write pin instead of hide in ${place}.arguments.` },
    ];
  });
}
