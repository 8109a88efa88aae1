import type { ArgumentOverride, Json, JsonObject } from '@hostler/kernel';
import { protocolErrors } from '@hostler/protocol';

/** What the host does with the arguments of one tool or prompt before its server sees them. */
export interface ArgumentRules {
  /** Not in the schema, so refused when they are sent. */
  readonly removed: ReadonlySet<string>;
  /** Sent always. */
  readonly pinned: JsonObject;
  /** Sent when the client sends none. */
  readonly defaults: JsonObject;
}

/** Undefined when there is nothing to do. */
export function toArgumentRules(
  overrides: Readonly<Record<string, ArgumentOverride>> | undefined,
): ArgumentRules | undefined {
  const entries = Object.entries(overrides ?? {});
  if (entries.length === 0) return undefined;
  const removed = entries.filter(([, { pin, hide }]) => pin !== undefined || hide === true).map(([name]) => name);
  return {
    removed: new Set(removed),
    pinned: pick(entries, ({ pin }) => pin),
    defaults: pick(entries, (override) => override.default),
  };
}

/** The arguments for the server. @throws PROTOCOL_INVALID_PARAMS for one that clients do not have */
export function applyArgumentRules(rules: ArgumentRules, sent: JsonObject): JsonObject {
  checkArgumentNames(rules, Object.keys(sent));
  return { ...rules.defaults, ...sent, ...rules.pinned };
}

/** @throws PROTOCOL_INVALID_PARAMS */
export function checkArgumentNames({ removed }: ArgumentRules, names: readonly string[]): void {
  const unknown = names.find((name) => removed.has(name));
  if (unknown === undefined) return;
  throw protocolErrors.INVALID_PARAMS({ details: { problem: `there is no argument "${unknown}"` } });
}

function pick(
  entries: readonly (readonly [string, ArgumentOverride])[],
  read: (override: ArgumentOverride) => Json | undefined,
): JsonObject {
  return Object.fromEntries(
    entries.flatMap(([name, override]) => {
      const value = read(override);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
