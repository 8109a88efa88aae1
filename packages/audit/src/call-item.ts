import type { McpRequest } from '@hostler/kernel';

/** What a request is about. */
export interface CallItem {
  readonly item: 'tool' | 'prompt' | 'resource';
  /** Bounded. */
  readonly name: string;
}

const ITEMS: Readonly<Record<string, readonly [CallItem['item'], 'name' | 'uri']>> = {
  'tools/call': ['tool', 'name'],
  'prompts/get': ['prompt', 'name'],
  'resources/read': ['resource', 'uri'],
  'resources/subscribe': ['resource', 'uri'],
  'resources/unsubscribe': ['resource', 'uri'],
};

export const MAX_NAME = 1_024;

/** Whether requests of a method are about one item. */
export function hasItem(method: string): boolean {
  return Object.hasOwn(ITEMS, method);
}

export function itemOf({ method, params }: McpRequest): CallItem | undefined {
  const [item, key] = (hasItem(method) ? ITEMS[method] : undefined) ?? [];
  if (item === undefined || key === undefined) return undefined;
  const name = params[key];
  return { item, name: typeof name === 'string' ? bounded(name, MAX_NAME) : '' };
}

/** A copy: a part of a text would keep the whole of it in memory. */
export function bounded(text: string, length: number): string {
  return text.length <= length ? text : Buffer.from(text.slice(0, length), 'utf16le').toString('utf16le');
}
