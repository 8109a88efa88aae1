import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import type { Path } from '../../path.ts';
import { toServerName } from '../server-name.ts';
import type { TranslationContext } from '../translation-context.ts';
import { toPatterns } from './client-lists.ts';

interface Agent {
  readonly path: Path;
  readonly name: Json | undefined;
  readonly entry: JsonObject;
}

/**
 * What agents were allowed becomes a bundle each: `client_ids` (null is no restriction, an empty list is nothing) and
 * `exclude_components`. The rest of an agent belongs to the program that runs it.
 * @param named the servers here, with what Aurite called them
 */
export function translateAgents(
  value: Json,
  named: ReadonlyMap<string, string>,
  context: TranslationContext,
): { readonly bundles?: JsonObject } {
  const bundles = new Map<string, JsonObject>();
  for (const { path, name: rawName, entry } of agentsOf(value)) {
    const { client_ids: ids, exclude_components: excluded } = entry;
    if (!Array.isArray(ids) && !Array.isArray(excluded)) continue;
    const name = typeof rawName === 'string' ? toServerName(rawName) : undefined;
    if (name === undefined || bundles.has(name)) {
      context.notes.add(path, 'is left out: a bundle needs a name of its own', { part: 'key', inFile: true });
      continue;
    }
    const place = { bundle: name, path };
    const servers = Array.isArray(ids) ? { servers: serversOf(ids, named, { place, context }) } : {};
    const deny = Array.isArray(excluded) ? { deny: denied(excluded, { place, context }) } : {};
    bundles.set(name, { ...servers, ...deny });
    context.paths.set(['bundles', name], path);
    context.notes.add(path, `is the bundle "${name}" here: what it may use, at /bundles/${name}/mcp`, { inFile: true });
  }
  return bundles.size === 0 ? {} : { bundles: Object.fromEntries(bundles) };
}

/** A list, or a map by name. */
function agentsOf(value: Json): readonly Agent[] {
  const agents = isJsonObject(value) ? value['agents'] : undefined;
  const entries: readonly (readonly [string | number, Json | undefined])[] = Array.isArray(agents)
    ? [...(agents as readonly Json[]).entries()]
    : Object.entries(isJsonObject(agents) ? agents : {});
  return entries.flatMap(([key, entry]) => {
    if (!isJsonObject(entry)) return [];
    return [{ path: ['agents', key], name: typeof key === 'string' ? key : entry['name'], entry }];
  });
}

interface ListContext {
  readonly place: { readonly bundle: string; readonly path: Path };
  readonly context: TranslationContext;
}

function serversOf(
  ids: readonly Json[],
  named: ReadonlyMap<string, string>,
  { place: { bundle, path }, context: { notes, paths } }: ListContext,
): Json[] {
  const servers: Json[] = [];
  for (const [index, id] of ids.entries()) {
    const origin = [...path, 'client_ids', index];
    const server = [...named].find(([, rawName]) => rawName === id)?.[0];
    if (server === undefined) notes.add(origin, 'is no client of this file, and left out', { inFile: true });
    else paths.set(['bundles', bundle, 'servers', servers.push(server) - 1], origin);
  }
  return servers;
}

/** Aurite excluded by the name alone, whichever client had it. */
function denied(excluded: readonly Json[], { place: { bundle, path }, context: { paths } }: ListContext): Json[] {
  return (toPatterns(excluded) as readonly Json[]).map((pattern, index) => {
    paths.set(['bundles', bundle, 'deny', index], [...path, 'exclude_components', index]);
    if (typeof pattern !== 'string') return pattern;
    return pattern.startsWith('resource:') ? pattern.replace('resource:', 'resource:*/') : `*/${pattern}`;
  });
}
