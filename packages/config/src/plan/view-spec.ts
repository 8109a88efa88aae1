import type { ViewSpec } from '@hostler/kernel';
import type { CheckedView } from '../schema/config-file.ts';
import { fitsServer, parseViewPattern } from './view-pattern.ts';

/** What is said of single servers becomes patterns like all others. */
export function toViewSpec({ servers, allow, deny }: CheckedView): ViewSpec {
  if (servers === undefined || Array.isArray(servers)) {
    return {
      ...(servers && { servers: [...servers] }),
      ...(allow && { allow: [...allow] }),
      ...(deny && { deny: [...deny] }),
    };
  }
  const rules = Object.entries(servers);
  const isAllowed = allow !== undefined || rules.some(([, own]) => own.allow !== undefined);
  const allowed = rules.flatMap(
    ([server, own]) => own.allow?.map((text) => patternOf(server, text)) ?? narrowed(allow, server),
  );
  const denied = [
    ...(deny ?? []),
    ...rules.flatMap(([server, own]) => (own.deny ?? []).map((text) => patternOf(server, text))),
  ];
  return {
    servers: rules.map(([server]) => server),
    ...(isAllowed && { allow: allowed }),
    ...(denied.length > 0 && { deny: denied }),
  };
}

/** The patterns that fit a server, for it alone: those of other servers that have their own must not say more of it. */
function narrowed(allow: readonly string[] | undefined, server: string): readonly string[] {
  if (allow === undefined) return [`${server}/**`];
  return allow.flatMap((text) => {
    const { kind, server: pattern, name } = parseViewPattern(text);
    return fitsServer(pattern, server) ? [`${kind === undefined ? '' : `${kind}:`}${server}/${name}`] : [];
  });
}

/** A pattern that stands below a server, as it stands beside others. */
function patternOf(server: string, text: string): string {
  const [, kind = '', name = ''] = /^((?:tool|prompt|resource):)?(.*)$/s.exec(text) ?? [];
  return `${kind}${server}/${name}`;
}

/** The servers that are named, however they are; undefined: all. */
export function namedServers({ servers }: Pick<CheckedView, 'servers'>): readonly string[] | undefined {
  return servers === undefined || Array.isArray(servers)
    ? (servers as readonly string[] | undefined)
    : Object.keys(servers);
}
