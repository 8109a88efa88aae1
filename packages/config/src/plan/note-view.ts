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
}

/** Patterns and names that do less, or more, than they seem to. */
export function noteView(view: CheckedView, context: ViewContext): void {
  const { allow = [], deny = [] } = view;
  const servers = namedServers(view);
  noteMembers(view, context);
  noteOwnRules(view, context);
  const { path, config, notes } = context;
  const all = [...Object.keys(config.servers), ...Object.keys(config.groups)];
  for (const [key, patterns] of Object.entries({ allow, deny })) {
    for (const [index, text] of patterns.entries()) {
      const { kind, server, name } = parseViewPattern(text);
      const place = [...path, key, index];
      const fitting = all.filter((known) => fitsServer(server, known));
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
