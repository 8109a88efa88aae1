import type { Era } from '@hostler/kernel';

/** A list that servers offer: its method, the member that holds the entries, and what identifies an entry. */
export interface ListKind {
  readonly method: string;
  readonly member: string;
  readonly key: string;
  /** The capability without which a server has no such list. */
  readonly capability: string;
}

export const listKinds = {
  tool: { method: 'tools/list', member: 'tools', key: 'name', capability: 'tools' },
  prompt: { method: 'prompts/list', member: 'prompts', key: 'name', capability: 'prompts' },
  resource: { method: 'resources/list', member: 'resources', key: 'uri', capability: 'resources' },
  template: {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    key: 'uriTemplate',
    capability: 'resources',
  },
} as const satisfies Record<string, ListKind>;

export type ListName = keyof typeof listKinds;

const BOTH: readonly Era[] = ['legacy', 'modern'];
const LEGACY: readonly Era[] = ['legacy'];
const MODERN: readonly Era[] = ['modern'];

/** The requests that a client may send, and in which eras. What is not here does not exist. */
const CLIENT_METHODS: ReadonlyMap<string, readonly Era[]> = new Map([
  ['initialize', LEGACY],
  ['ping', LEGACY],
  ['logging/setLevel', LEGACY],
  ['resources/subscribe', LEGACY],
  ['resources/unsubscribe', LEGACY],
  ['server/discover', MODERN],
  ['subscriptions/listen', MODERN],
  ['tools/list', BOTH],
  ['tools/call', BOTH],
  ['prompts/list', BOTH],
  ['prompts/get', BOTH],
  ['resources/list', BOTH],
  ['resources/templates/list', BOTH],
  ['resources/read', BOTH],
  ['completion/complete', BOTH],
  ['tasks/get', BOTH],
  ['tasks/cancel', BOTH],
  ['tasks/list', LEGACY],
  ['tasks/result', LEGACY],
  ['tasks/update', MODERN],
]);

export function hasMethod(era: Era, method: string): boolean {
  return CLIENT_METHODS.get(method)?.includes(era) ?? false;
}

/** Methods whose complete modern results carry `ttlMs` and `cacheScope`. Source: 2026-07-28, basic/caching. */
export function isCacheable(method: string): boolean {
  return method.endsWith('/list') || method === 'server/discover' || method === 'resources/read';
}

/** Methods that may be answered with `input_required`, and sent again with the input. Source: 2026-07-28, basic/patterns/mrtr. */
const INPUT_METHODS: readonly string[] = ['tools/call', 'prompts/get', 'resources/read'];

/** Whether a server may ask for input in the course of this request. */
export function mayRequireInput(method: string): boolean {
  return INPUT_METHODS.includes(method);
}

/** Whether a server that was asked and died may have acted: everything else only reads. */
export function mayAct(method: string): boolean {
  return method === 'tools/call';
}
