import type { JsonObject } from '@hostler/kernel';
import type { Place } from './consumers.ts';
import { keyOf } from './things.ts';
import type { Era, Kind, Thing } from './things.ts';

/** A way to use a thing. */
export interface Method {
  readonly kind: Kind;
  readonly method: string;
  /** Both where it is absent. */
  readonly era?: Era;
  readonly params: (key: string) => JsonObject;
  /** What is asked for when it is not the thing itself. */
  readonly isFilled?: boolean;
}

const completion = (type: string, member: string, name: string) => (key: string) => ({
  ref: { type, [member]: key },
  argument: { name, value: '' },
});
const byName = (name: string): JsonObject => ({ name, arguments: {} });
const byUri = (uri: string): JsonObject => ({ uri });
const listening = (uri: string): JsonObject => ({ notifications: { resourceSubscriptions: [uri] } });

export const METHODS: readonly Method[] = [
  { kind: 'tool', method: 'tools/call', params: byName },
  { kind: 'prompt', method: 'prompts/get', params: byName },
  { kind: 'prompt', method: 'completion/complete', params: completion('ref/prompt', 'name', 'a') },
  { kind: 'resource', method: 'resources/read', params: byUri },
  { kind: 'resource', method: 'completion/complete', params: completion('ref/resource', 'uri', 'a') },
  { kind: 'resource', method: 'resources/subscribe', era: 'legacy', params: byUri },
  { kind: 'resource', method: 'subscriptions/listen', era: 'modern', params: listening },
  { kind: 'template', method: 'completion/complete', params: completion('ref/resource', 'uri', 'id') },
  { kind: 'template', method: 'resources/read', params: byUri, isFilled: true },
  { kind: 'template', method: 'resources/subscribe', era: 'legacy', params: byUri, isFilled: true },
  { kind: 'template', method: 'subscriptions/listen', era: 'modern', params: listening, isFilled: true },
];

/** What a thing is called where it is asked for. */
export function publicName({ server }: Place, thing: Thing): string {
  const isNamed = thing.kind === 'tool' || thing.kind === 'prompt';
  return isNamed && server === undefined ? `${thing.server}__${keyOf(thing)}` : keyOf(thing);
}

export function askedName(place: Place, thing: Thing, { isFilled = false }: Method): string {
  const name = publicName(place, thing);
  return isFilled ? name.replace('{id}', '7') : name;
}

/** What was answered: whether it was let through, and all that was said, without the name that was asked for. */
export interface Outcome {
  readonly isDone: boolean;
  readonly text: string;
}

/** Hides what was asked for, and what is another in every answer. */
export function outcomeOf(isDone: boolean, text: string, name: string): Outcome {
  const plain = text
    .replaceAll(name, '…')
    .replace(/"requestId":"[^"]*"/g, '"requestId"')
    .replace(/"id":[^,}]*/, '"id"');
  return { isDone, text: plain };
}
