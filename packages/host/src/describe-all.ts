import type { JsonObject } from '@hostler/kernel';
import type { Era } from '@hostler/kernel';
import { modernRevisions, newestLegacyRevision } from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import { hostInfo } from '@hostler/upstream';
import type { UpstreamState } from '@hostler/upstream';

/**
 * The host as one server: what any of its servers can do, it can do. Lists of a legacy face change while servers come and
 * go, and it says so; subscriptions of the modern era are not served for several servers at once yet, so they are not
 * announced there.
 */
export function describeAll(states: readonly UpstreamState[], era: Era): ServerDescription {
  const up = states.flatMap(({ name, server }) => (server === undefined ? [] : [{ name, server }]));
  const has = (capability: string): boolean => up.some(({ server }) => server.capabilities[capability] !== undefined);
  const listed = era === 'legacy' ? { listChanged: true } : {};
  const subscribable = era === 'legacy' && up.some(({ server }) => server.era === 'legacy' && canSubscribe(server));
  const capabilities: JsonObject = {
    tools: listed,
    ...(has('prompts') ? { prompts: listed } : {}),
    ...(has('resources') ? { resources: { ...listed, ...(subscribable ? { subscribe: true } : {}) } } : {}),
    ...(has('completions') ? { completions: {} } : {}),
    ...(has('logging') ? { logging: {} } : {}),
  };
  const instructions = up
    .flatMap(({ name, server }) => (server.instructions === undefined ? [] : [`# ${name}\n\n${server.instructions}`]))
    .join('\n\n');
  return {
    era,
    revisions: era === 'modern' ? modernRevisions : [newestLegacyRevision],
    info: hostInfo,
    capabilities,
    ...(instructions === '' ? {} : { instructions }),
  };
}

/**
 * One server to a client of the other era: without what cannot be carried across. A legacy server's change notifications
 * have no channel to a modern client yet.
 */
export function describeAcross(server: ServerDescription, era: Era): ServerDescription {
  if (server.era === era) return server;
  const capabilities = Object.fromEntries(
    Object.entries(server.capabilities).map(([name, value]) => [name, CHANGING.has(name) ? {} : value]),
  );
  return { ...server, capabilities };
}

const CHANGING = new Set(['tools', 'prompts', 'resources']);

function canSubscribe({ capabilities }: ServerDescription): boolean {
  const { resources } = capabilities;
  return typeof resources === 'object' && resources !== null && 'subscribe' in resources;
}
