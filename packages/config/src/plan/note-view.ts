import type { Path } from '../path.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedConsumer } from '../schema/config-file.ts';
import { fitsServer, parseViewPattern } from './view-pattern.ts';

interface ViewContext {
  /** Of the consumer. */
  readonly path: Path;
  readonly config: CheckedConfig;
  readonly notes: ProblemList;
}

/** Patterns and names that do less, or more, than they seem to. */
export function noteView({ servers, allow = [], deny = [] }: CheckedConsumer, context: ViewContext): void {
  noteMembers(servers ?? [], context);
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

function noteMembers(servers: readonly string[], { path, config, notes }: ViewContext): void {
  for (const [index, server] of servers.entries()) {
    const group = Object.entries(config.groups).find(([, { servers: members }]) => members.includes(server))?.[0];
    if (group === undefined || servers.includes(group)) continue;
    notes.add([...path, 'servers', index], `is a member of group "${group}", which stands in its place at /mcp`, {
      hint: `name "${group}" for that`,
    });
  }
}
