import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';

export type Kind = 'tool' | 'prompt' | 'resource' | 'template';
export type Era = 'legacy' | 'modern';

/** Both have the same: `one` is a program of the legacy era, `two` a server of the modern one on the network. */
export const SERVERS = ['one', 'two'] as const;
export const NAMES = ['yes', 'bad'] as const;

/** As long as the others, so that no answer differs by its length. */
export const NO_SERVER = 'six';
export const NO_NAME = 'gap';

export interface Thing {
  readonly kind: Kind;
  readonly server: string;
  readonly name: string;
}

/** What it is called on its server. */
export function keyOf({ kind, server, name }: Thing): string {
  if (kind === 'resource') return `mem://${server}/${name}`;
  return kind === 'template' ? `mem://${server}/${name}/{id}` : name;
}

export const KINDS: readonly Kind[] = ['tool', 'prompt', 'resource', 'template'];

export const THINGS: readonly Thing[] = KINDS.flatMap((kind) =>
  SERVERS.flatMap((server) => NAMES.map((name) => ({ kind, server, name }))),
);

export const LISTS: Readonly<Record<Kind, { readonly method: string; readonly member: string; readonly key: string }>> =
  {
    tool: { method: 'tools/list', member: 'tools', key: 'name' },
    prompt: { method: 'prompts/list', member: 'prompts', key: 'name' },
    resource: { method: 'resources/list', member: 'resources', key: 'uri' },
    template: { method: 'resources/templates/list', member: 'resourceTemplates', key: 'uriTemplate' },
  };

const CAPABILITIES = { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {} };

/** What a server answers; undefined for what it does not know. */
export function resultOf(server: string, method: string | undefined, params: JsonObject): JsonObject | undefined {
  return isThere(server, params) ? answerOf(server, method, params) : undefined;
}

/** Whether what the parameters name is there, if they name something. */
function isThere(server: string, { name, uri, ref }: JsonObject): boolean {
  const named = name ?? uri ?? (isJsonObject(ref) ? (ref['name'] ?? ref['uri']) : undefined);
  const own = KINDS.flatMap((kind) => NAMES.map((each) => keyOf({ kind, server, name: each })));
  return named === undefined || own.some((key) => named === key || named === key.replace('{id}', '7'));
}

function answerOf(server: string, method: string | undefined, params: JsonObject): JsonObject | undefined {
  switch (method ?? '') {
    case 'initialize':
      return { protocolVersion: '2025-11-25', capabilities: CAPABILITIES, serverInfo: { name: server, version: '1' } };
    case 'server/discover':
      return { supportedVersions: ['2026-07-28'], capabilities: CAPABILITIES };
    case 'tools/call':
      return { content: [{ type: 'text', text: server }] };
    case 'prompts/get':
      return { messages: [{ role: 'user', content: { type: 'text', text: server } }] };
    case 'resources/read':
      return { contents: [{ uri: params['uri'] ?? '', text: server }] };
    case 'completion/complete':
      return { completion: { values: [server] } };
    case 'ping':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
    case 'logging/setLevel':
      return {};
    default:
      return listOf(server, method);
  }
}

function listOf(server: string, method: string | undefined): JsonObject | undefined {
  const kind = KINDS.find((each) => LISTS[each].method === method);
  if (kind === undefined) return undefined;
  const { member, key } = LISTS[kind];
  const entries = NAMES.map((name) => {
    const own = keyOf({ kind, server, name });
    return { name: own, [key]: own, ...(kind === 'tool' && { inputSchema: { type: 'object' } }) };
  });
  return { [member]: entries };
}
