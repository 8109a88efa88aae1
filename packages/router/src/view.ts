import { createHash } from 'node:crypto';
import type { View, ViewKind, ViewSpec } from '@hostler/kernel';
import { plainUri } from './plain-uri.ts';
import { parseViewPattern } from './view-pattern.ts';
import type { ViewPattern } from './view-pattern.ts';

/** Whoever has it may see and call everything. */
export const fullView: View = { key: 'full', hasServer: () => true, hasAll: () => true, allows: () => true };

/** Whoever has it may see and call nothing. */
export const emptyView: View = { key: 'empty', hasServer: () => false, hasAll: () => false, allows: () => false };

/** Names and URIs longer than this are nobody's: they come from clients, and are compared with many patterns. */
const MAX_NAME_LENGTH = 16_384;

/**
 * What a consumer is configured to see and call. What says the same has the same key; where nothing is said, or that
 * nothing is let through, it is `fullView` or `emptyView` itself.
 * @throws TypeError for a pattern that is none
 */
export function createView(spec: ViewSpec): View {
  const { servers, allow, deny = [] } = spec;
  if (servers?.length === 0 || allow?.length === 0) return emptyView;
  if (servers === undefined && allow === undefined && deny.length === 0) return fullView;
  return new PatternView(spec);
}

/** What both let through, and nothing more. */
export function intersectViews(one: View, other: View): View {
  if (one.key === other.key || other === fullView) return one;
  if (one === fullView) return other;
  if (one === emptyView || other === emptyView) return emptyView;
  const drift = one.drift ?? other.drift;
  return {
    key: `${one.key}&${other.key}`,
    hasServer: (server) => one.hasServer(server) && other.hasServer(server),
    hasAll: (server) => one.hasAll?.(server) === true && other.hasAll?.(server) === true,
    allows: (kind, server, name) => one.allows(kind, server, name) && other.allows(kind, server, name),
    ...(drift !== undefined && { drift }),
  };
}

class PatternView implements View {
  readonly key: string;
  readonly #servers: ReadonlySet<string> | undefined;
  readonly #allowed: readonly ViewPattern[] | undefined;
  readonly #denied: readonly ViewPattern[];

  constructor({ servers, allow, deny = [] }: ViewSpec) {
    this.key = keyOf([servers, allow, deny]);
    this.#servers = servers && new Set(servers);
    this.#allowed = allow?.map(parseViewPattern);
    this.#denied = deny.map(parseViewPattern);
  }

  /** A server of which nothing can be let through is not there at all. */
  hasServer(server: string): boolean {
    return (
      (this.#servers?.has(server) ?? true) &&
      (this.#allowed?.some((pattern) => pattern.server.fits(server)) ?? true) &&
      !this.#denied.some((pattern) => isWhole(pattern) && pattern.server.fits(server))
    );
  }

  hasAll(server: string): boolean {
    return (
      (this.#servers?.has(server) ?? true) &&
      (this.#allowed?.some((pattern) => isWhole(pattern) && pattern.server.fits(server)) ?? true) &&
      !this.#denied.some((pattern) => pattern.server.fits(server))
    );
  }

  allows(kind: ViewKind, server: string, name: string): boolean {
    if (name.length > MAX_NAME_LENGTH || !this.hasServer(server)) return false;
    const plain = kind === 'resource' ? plainUri(name) : name;
    const fits = (pattern: ViewPattern): boolean => isAbout(pattern, kind, server) && pattern.name.fits(name);
    const fitsPlain = (pattern: ViewPattern): boolean =>
      isAbout(pattern, kind, server) && pattern.plainName.fits(plain);
    if (this.#denied.some(fits)) return false;
    if (this.#allowed !== undefined && !this.#allowed.some(fits)) return false;
    // A URI has to be let through as it is written, and as it is meant.
    if (kind !== 'resource') return true;
    return !this.#denied.some(fitsPlain) && (this.#allowed?.some(fitsPlain) ?? true);
  }
}

function isAbout(pattern: ViewPattern, kind: ViewKind, server: string): boolean {
  return (pattern.kind === undefined || pattern.kind === kind) && pattern.server.fits(server);
}

/** Everything of a server fits it. */
function isWhole({ kind, name }: ViewPattern): boolean {
  return kind === undefined && name.isAll;
}

/** The same for lists that hold the same, in whatever order. */
function keyOf(lists: readonly (readonly string[] | undefined)[]): string {
  const canonical = lists.map((list) => (list === undefined ? null : [...new Set(list)].sort()));
  return `view:${createHash('sha256').update(JSON.stringify(canonical)).digest('base64url')}`;
}
