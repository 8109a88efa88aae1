import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Method } from './attempts.ts';
import { consumerNames, isOpenTo, keyOfConsumer, matrixSettings, pathOf, PLACES } from './consumers.ts';
import type { Place } from './consumers.ts';
import { ENTRIES } from './entries.ts';
import type { Answered, EntryClient } from './entries.ts';
import { bearer, startGuarded } from './guarded-host.ts';
import type { GuardedHost, Headers } from './guarded-host.ts';
import { wrongOf } from './matrix.ts';
import type { Way } from './matrix.ts';
import { LISTS } from './things.ts';
import type { Kind } from './things.ts';

let host: GuardedHost;
beforeAll(async () => {
  host = await startGuarded(matrixSettings);
});
afterAll(async () => {
  await host?.[Symbol.asyncDispose]();
});

const namesIn = (result: unknown, kind: Kind): readonly string[] => {
  const { member, key } = LISTS[kind];
  return ((result as Record<string, Record<string, string>[]> | undefined)?.[member] ?? []).map(
    (each) => each[key] ?? '',
  );
};

function isDone({ message, text }: Answered, method: string, name: string): boolean {
  if (method !== 'subscriptions/listen') return message?.result !== undefined;
  return text.includes('notifications/subscriptions/acknowledged') && text.includes(name);
}

interface Opened {
  readonly name: string;
  readonly consumer: string;
  readonly place: Place;
}

function wayOf(client: EntryClient, opened: Opened, era: Way['era']): Way {
  return {
    ...opened,
    era,
    list: async (kind) => namesIn((await client.ask(LISTS[kind].method, {})).message?.result, kind),
    async attempt({ method, params }: Method, name) {
      const answered = await client.ask(method, params(name));
      return { isDone: isDone(answered, method, name), text: `${answered.status} ${answered.text}` };
    },
  };
}

describe.each(consumerNames)('A-18 A-21 the consumer %s', (consumer) => {
  it.each(Object.entries(ENTRIES))(
    'is listed over %s what it may use, and nothing else is there',
    async (name, entry) => {
      await using stack = new AsyncDisposableStack();
      const ways = await Promise.all(
        PLACES.map(async (place) => {
          const client = stack.use(await entry.open(host.url, place, bearer(keyOfConsumer(consumer))));
          return wayOf(client, { name: `${consumer} at ${pathOf(place)}, ${name}`, consumer, place }, entry.era);
        }),
      );
      expect(await wrongOf(ways, host.uses)).toEqual([]);
    },
  );

  it('is listed over REST what it may use, and nothing else is there', async () => {
    const headers = bearer(keyOfConsumer(consumer));
    expect(
      await wrongOf(
        PLACES.filter(({ server }) => server === undefined).map((place) => restWay(headers, consumer, place)),
        host.uses,
      ),
    ).toEqual([]);
  });

  it('A-19 finds no place that is not there for it, in the same words for all of them', async () => {
    for (const [name, entry] of Object.entries(ENTRIES)) {
      for (const place of PLACES.filter((each) => !isOpenTo(consumer, each))) {
        const nowhere = place.server === undefined ? { bundle: 'gone' } : { server: 'six' };
        const [hidden, unknown] = await Promise.all(
          [place, nowhere].map(async (at) => {
            await using client = await entry.open(host.url, at, bearer(keyOfConsumer(consumer)));
            const { status, text } = await client.ask('tools/list', {});
            return `${status} ${text}`.replaceAll(at.server ?? at.bundle ?? '', '…').replace(/"requestId":"[^"]*"/, '');
          }),
        );
        expect([name, place, hidden]).toEqual([name, place, unknown]);
        expect(hidden).toContain('ROUTE_NOT_FOUND');
      }
    }
  });
});

/** Where each kind is listed and used below /v1. */
const REST_LISTS: Readonly<Record<Kind, string>> = {
  tool: 'tools',
  prompt: 'prompts',
  resource: 'resources',
  template: 'resource-templates',
};

function restWay(headers: Headers, consumer: string, { bundle }: Place): Way {
  const place: Place = { ...(bundle !== undefined && { bundle }) };
  const ask = async (path: string, query: Record<string, string> = {}, body?: object) => {
    const search = new URLSearchParams({ ...query, ...place });
    const sent = { ...headers, ...(body && { 'content-type': 'application/json' }) };
    const options = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${host.url}/v1/${path}?${search.toString()}`, { headers: sent, ...options });
    return { status: response.status, text: await response.text() };
  };
  return {
    name: `${consumer} at /v1 ${bundle ?? ''}`,
    consumer,
    place,
    era: 'modern',
    async list(kind) {
      const { status, text } = await ask(REST_LISTS[kind]);
      return status === 200 ? namesIn(JSON.parse(text), kind) : [];
    },
    async attempt({ method }, name) {
      const answer = await restAnswer(ask, method, name);
      return answer && { isDone: answer.status === 200, text: `${answer.status} ${answer.text}` };
    },
  };
}

type AskRest = (
  path: string,
  query?: Record<string, string>,
  body?: object,
) => Promise<{ status: number; text: string }>;

async function restAnswer(ask: AskRest, method: string, name: string) {
  switch (method) {
    case 'tools/call': {
      const [shown, called] = [await ask(`tools/${name}`), await ask(`tools/${name}/call`, {}, {})];
      // Both or neither.
      return { status: shown.status === called.status ? called.status : 0, text: shown.text + called.text };
    }
    case 'prompts/get':
      return await ask(`prompts/${name}/get`, {}, {});
    case 'resources/read':
      return await ask('resources/read', { uri: name });
    default:
      return undefined;
  }
}
