import type { Path } from '../path.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedView } from '../schema/config-file.ts';
import { hintFor, shown } from './missing-name.ts';
import { hasWildcard, parseViewPattern } from './view-pattern.ts';

export interface ViewContext {
  /** Of the consumer or bundle. */
  readonly path: Path;
  /** The servers and groups that there are. */
  readonly servers: readonly string[];
  readonly problems: ProblemList;
}

/** Every server that a consumer or bundle names is there. */
export function checkView({ servers = [], allow = [], deny = [] }: CheckedView, context: ViewContext): void {
  const { path } = context;
  const named: readonly (readonly [string | number, string])[] = Array.isArray(servers)
    ? [...servers.entries()]
    : Object.keys(servers).map((server) => [server, server]);
  for (const [key, server] of named) checkServer(server, [...path, 'servers', key], context);
  for (const [key, patterns] of Object.entries({ allow, deny })) {
    for (const [index, pattern] of patterns.entries()) {
      const { server } = parseViewPattern(pattern);
      if (!hasWildcard(server)) checkServer(server, [...path, key, index], context);
    }
  }
}

function checkServer(server: string, place: Path, { servers, problems }: ViewContext): void {
  if (servers.includes(server)) return;
  const hint = hintFor(server, servers, 'name a server or a group of this file');
  problems.add(place, `there is no server or group "${shown(server)}"`, { hint });
}
