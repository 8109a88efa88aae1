import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { takeName } from '../take-name.ts';
import type { TranslationContext } from '../translation-context.ts';
import { clientsOf } from './clients.ts';
import { GCP_PROVIDER } from './client-secrets.ts';
import { translateAgents } from './translate-agents.ts';
import { translateClient } from './translate-client.ts';

/** A file of Aurite as a configuration of ours; not yet checked. */
export function translateAurite(value: Json, context: TranslationContext): Json {
  const { notes, paths } = context;
  if (isJsonObject(value)) noteOtherKeys(value, context);
  const servers: [string, Json][] = [];
  const named = new Map<string, string>();
  for (const { path, id, entry } of clientsOf(value)) {
    if (typeof entry === 'string') {
      notes.add(path, 'is the name of a client in another file: import that file too', { inFile: true });
      continue;
    }
    const name = takeName(typeof id === 'string' ? id : '', path, named, context);
    if (name === undefined) continue;
    paths.set(['servers', name], path);
    servers.push([name, isJsonObject(entry) ? translateClient(name, entry, context) : (entry ?? null)]);
  }
  noteEnvironment(servers, context);
  return {
    servers: Object.fromEntries(servers),
    ...translateAgents(value, named, context),
    ...toSecrets(servers, context),
  };
}

/** What belongs to a program of agents, and to no host of servers. */
const NOT_CARRIED: ReadonlySet<string> = new Set([
  'agents',
  'custom_workflows',
  'llms',
  'simple_workflows',
  'workflows',
]);

const SILENT: ReadonlySet<string> = new Set(['$schema', 'clients', 'description', 'name']);

function noteOtherKeys(value: JsonObject, { notes }: TranslationContext): void {
  // The file of one client alone: its keys are looked at as those of a client.
  if (!Object.hasOwn(value, 'clients')) return;
  for (const key of Object.keys(value)) {
    if (SILENT.has(key)) continue;
    const message = NOT_CARRIED.has(key)
      ? 'is not carried over: Hostler runs the servers; agents and workflows call them from outside'
      : 'is not known and not used';
    notes.add([key], message, { part: 'key', inFile: true });
  }
}

/** Once is enough: it is the same for all of them. */
function noteEnvironment(servers: readonly [string, Json][], { notes }: TranslationContext): void {
  const first = servers.find(([, server]) => isJsonObject(server) && server['command'] !== undefined);
  if (first === undefined) return;
  notes.add(['servers', first[0]], 'Aurite gave programs its whole environment; here they get what env names', {
    hint: 'add the variables that this one needs, and look at the others too',
  });
}

function toSecrets(servers: readonly [string, Json][], { notes, paths }: TranslationContext): JsonObject {
  const first = servers.find(([, server]) => isJsonObject(server) && JSON.stringify(server).includes('"gcp://'));
  if (first === undefined) return {};
  const origin = paths.toFilePath(['servers', first[0], 'gcp_secrets']);
  paths.set(['secrets'], origin);
  paths.set(['secrets', 'providers', 0, 'use'], origin);
  notes.add(['secrets'], `needs the package ${GCP_PROVIDER}`, {
    hint: `npm install ${GCP_PROVIDER}, beside the configuration`,
    part: 'key',
  });
  return { secrets: { providers: [{ use: GCP_PROVIDER }] } };
}
