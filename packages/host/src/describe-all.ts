import { isJsonObject } from '@hostler/kernel';
import type { Era, JsonObject } from '@hostler/kernel';
import { modernRevisions, newestLegacyRevision } from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import { hostInfo } from '@hostler/upstream';
import type { UpstreamState } from '@hostler/upstream';
import type { Bundle } from './bundle.ts';
import type { HostParts } from './host-parts.ts';
import { leastFresh, NO_PROMISE, toFreshness } from './server-lists.ts';
import type { Freshness } from './server-lists.ts';
import { announcedTasks } from './tasks/task-support.ts';
import { isFull } from './views.ts';
import type { Viewer } from './views.ts';

/** The host as this consumer sees it: as if it had no other servers than the consumer's, and those of the bundle. */
export function describeAllTo(
  { pool, views, drift }: Pick<HostParts, 'pool' | 'views' | 'drift'>,
  viewer: Viewer,
  era: Era,
): ServerDescription {
  const view = views.of(viewer);
  const isWhole = isFull(view);
  const names = isWhole ? pool.names() : pool.names().filter((name) => views.hasServer(viewer, name));
  const states = names.flatMap((name): UpstreamState[] => {
    const state = pool.state(name);
    if (state?.server === undefined) return state === undefined ? [] : [state];
    return [{ ...state, server: drift.described(name, state.server, view) }];
  });
  const described = bundled(describeAll(states, era), views.bundle(viewer));
  if (isWhole && viewer.consumer.identity === undefined) return described;
  return { ...described, freshness: { ttlMs: 0, ...described.freshness, cacheScope: 'private' } };
}

/** What a bundle says of itself stands in the place of what its servers say. */
function bundled(described: ServerDescription, bundle: Bundle | undefined): ServerDescription {
  if (bundle === undefined) return described;
  const { title, instructions } = bundle;
  return {
    ...described,
    ...(title !== undefined && { info: { ...described.info, title } }),
    ...(instructions !== undefined && { instructions }),
  };
}

/**
 * The host as one server: what any of its servers can do, it can do. Its lists change while servers come and go, and it
 * says so, whatever the servers themselves say. What one that is not up yet will bring, nobody knows: a client that asks
 * only once is told that there may be prompts and resources.
 */
export function describeAll(states: readonly UpstreamState[], era: Era): ServerDescription {
  const up = states.flatMap(({ name, server }) => (server === undefined ? [] : [{ name, server }]));
  const has = (capability: string): boolean => up.some(({ server }) => server.capabilities[capability] !== undefined);
  const mayHave = (capability: string): boolean => has(capability) || up.length < states.length;
  const listed = { listChanged: true };
  const subscribable = up.some(({ server }) => canSubscribe(server));
  const capabilities: JsonObject = {
    tools: listed,
    ...(mayHave('prompts') ? { prompts: listed } : {}),
    ...(mayHave('resources') ? { resources: { ...listed, ...(subscribable ? { subscribe: true } : {}) } } : {}),
    ...(has('completions') ? { completions: {} } : {}),
    ...(has('logging') ? { logging: {} } : {}),
    ...announcedTasks(
      up.map(({ server }) => server),
      era,
    ),
  };
  const instructions = up
    .flatMap(({ name, server }) => (server.instructions === undefined ? [] : [`# ${name}\n\n${server.instructions}`]))
    .join('\n\n');
  return {
    era,
    revisions: era === 'modern' ? modernRevisions : [newestLegacyRevision],
    info: hostInfo,
    freshness: leastFresh(states.map(({ server }) => promiseOf(server))),
    capabilities,
    ...(instructions === '' ? {} : { instructions }),
  };
}

/** What a server promised about its own description; nothing, when it is not up. */
function promiseOf(server: ServerDescription | undefined): Freshness {
  return server?.era === 'modern' && server.original ? toFreshness(server.original) : NO_PROMISE;
}

function canSubscribe({ capabilities }: ServerDescription): boolean {
  const { resources } = capabilities;
  return isJsonObject(resources) && resources['subscribe'] === true;
}
