import type { Path } from '../path.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedView } from '../schema/config-file.ts';
import { fitsServer, parseViewPattern } from './view-pattern.ts';
import { namedServers } from './view-spec.ts';

interface ViewContext {
  /** Of the consumer or bundle. */
  readonly path: Path;
  readonly config: CheckedConfig;
  readonly notes: ProblemList;
  /** See `serversFitting`. */
  readonly fitting: (pattern: string) => readonly string[];
}

/**
 * The servers and groups of the file that the server's part of a pattern fits. Each part is compared once, however many
 * consumers have it: 1,000 of them with five patterns each over 1,000 servers took 2 s.
 */
export function serversFitting({ servers, groups }: CheckedConfig): (pattern: string) => readonly string[] {
  const all = [...Object.keys(servers), ...Object.keys(groups)];
  const known = new Map<string, readonly string[]>();
  return (pattern) => {
    const fitting = known.get(pattern) ?? all.filter((server) => fitsServer(pattern, server));
    known.set(pattern, fitting);
    return fitting;
  };
}

/** Patterns and names that do less, or more, than they seem to. */
export function noteView(view: CheckedView, context: ViewContext): void {
  const { allow = [], deny = [] } = view;
  const servers = namedServers(view);
  noteMembers(view, context);
  noteOwnRules(view, context);
  const { path, notes, fitting: fittingOf } = context;
  for (const [key, patterns] of Object.entries({ allow, deny })) {
    for (const [index, text] of patterns.entries()) {
      const { kind, server, name } = parseViewPattern(text);
      const place = [...path, key, index];
      const fitting = fittingOf(server);
      if (fitting.length === 0) notes.add(place, 'fits no server of this file');
      else if (servers !== undefined && !fitting.some((known) => servers.includes(known))) {
        notes.add(place, 'has no effect: servers leaves out every server that it fits');
      }
      if (name === '*' && kind !== 'tool' && kind !== 'prompt') {
        notes.add(place, 'fits hardly any resource: * stops at /, and URIs have some', {
          hint: `write ${text}* for all of them`,
        });
      }
    }
  }
}

function noteMembers({ servers = [] }: CheckedView, { path, config, notes }: ViewContext): void {
  const named = namedServers({ servers }) ?? [];
  for (const [index, server] of named.entries()) {
    const group = Object.entries(config.groups).find(([, { servers: members }]) => members.includes(server))?.[0];
    if (group === undefined || named.includes(group)) continue;
    const place = [...path, 'servers', Array.isArray(servers) ? index : server];
    notes.add(place, `is a member of group "${group}", which stands in its place at /mcp`, {
      hint: `name "${group}" for that`,
    });
  }
}

/** Below a server stands what the server itself calls its things. */
function noteOwnRules({ servers = [] }: CheckedView, { path, notes }: ViewContext): void {
  if (Array.isArray(servers)) return;
  for (const [server, { allow = [], deny = [] }] of Object.entries(servers)) {
    for (const [key, patterns] of Object.entries({ allow, deny })) {
      for (const [index, text] of patterns.entries()) {
        const begins = ['/', '__'].find((mark) => new RegExp(`^(?:\\w+:)?${server}${mark}`).test(text));
        if (begins === undefined) continue;
        notes.add([...path, 'servers', server, key, index], 'begins with the name of its server', {
          hint: 'leave it out: here it stands for a part of the name',
        });
      }
    }
  }
}
