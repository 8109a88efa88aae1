import { callModern, openLegacySession, openModern } from '@hostler/test-kit';
import type { OpenExchange, WireMessage } from '@hostler/test-kit';

export type Era = 'legacy' | 'modern';

type Params = Readonly<Record<string, unknown>>;

/** A client of one era that hears what servers say outside its calls, and sees everything on the wire. */
export interface Listener extends AsyncDisposable {
  /** The messages so far that came outside any call. */
  readonly heard: readonly WireMessage[];
  /** Waits for the first message with this method, outside any call, after those that were heard before. */
  next(method: string, timeout?: number): Promise<WireMessage>;
  /** Waits until there is a message with this method among all that were heard. */
  heardOf(method: string, timeout?: number): Promise<void>;
  /** A request and everything that came in the answer to it. */
  call(method: string, params?: Params, options?: { readonly logLevel?: string }): Promise<readonly WireMessage[]>;
  subscribe(uri: string): Promise<WireMessage>;
  unsubscribe(uri: string): Promise<void>;
}

/** Nothing may be heard for as long: servers start anew meanwhile. */
const SILENCE = 60_000;
const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

/** Opens a client of this era and lets it listen to everything that it can listen to. */
export function openListener(era: Era, url: string, uris: readonly string[] = []): Promise<Listener> {
  return era === 'legacy' ? openLegacyListener(url, uris) : openModernListener(url, uris);
}

async function openLegacyListener(url: string, uris: readonly string[]): Promise<Listener> {
  const session = await openLegacySession(url, { timeout: SILENCE });
  const stream = await session.listen();
  const ears = listenTo(stream);
  const subscribe = async (uri: string): Promise<WireMessage> =>
    last(await ears.call(session.call('resources/subscribe', { uri })));
  for (const uri of uris) await subscribe(uri);
  return {
    ...ears,
    async call(method, params, { logLevel } = {}) {
      if (logLevel !== undefined) await session.call('logging/setLevel', { level: logLevel });
      return ears.call(session.call(method, params));
    },
    subscribe,
    unsubscribe: async (uri) => void (await session.call('resources/unsubscribe', { uri })),
    async [Symbol.asyncDispose]() {
      stream.close();
      await session.end();
    },
  };
}

async function openModernListener(url: string, uris: readonly string[]): Promise<Listener> {
  let lastId = 0;
  const more = new Map<string, OpenExchange>();
  const stream = await openModern(
    url,
    'subscriptions/listen',
    { notifications: { ...LISTS, ...(uris.length > 0 && { resourceSubscriptions: uris }) } },
    { id: 'listening', timeout: SILENCE },
  );
  const ears = listenTo(stream);
  await ears.next('notifications/subscriptions/acknowledged');
  return {
    ...ears,
    call: (method, params, options) => ears.call(callModern(url, method, params, { id: ++lastId, ...options })),
    async subscribe(uri) {
      const filter = { notifications: { resourceSubscriptions: [uri] } };
      const another = await openModern(url, 'subscriptions/listen', filter, { id: uri, timeout: SILENCE });
      more.set(uri, another);
      const acknowledged = await another.nextMessage();
      ears.follow(another);
      return acknowledged;
    },
    unsubscribe(uri) {
      more.get(uri)?.close();
      return Promise.resolve();
    },
    [Symbol.asyncDispose]() {
      for (const open of [stream, ...more.values()]) open.close();
      return Promise.resolve();
    },
  };
}

function listenTo(stream: OpenExchange) {
  const heard: WireMessage[] = [];
  let taken = 0;
  let wake = Promise.withResolvers<void>();

  async function follow(open: OpenExchange): Promise<void> {
    try {
      for (;;) {
        heard.push(await open.nextMessage());
        wake.resolve();
        wake = Promise.withResolvers();
      }
    } catch {
      // The stream ended, with the test or before it: whoever waits for more notices.
    }
  }
  void follow(stream);

  /** The place of the first message with this method from this place on. */
  async function find(method: string, from: number, timeout: number): Promise<number> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    late.catch(() => undefined);
    const timer = setTimeout(() => reject(new Error(`no ${method} among ${JSON.stringify(heard)}`)), timeout);
    try {
      for (;;) {
        const index = heard.findIndex((message, at) => at >= from && message.method === method);
        if (index !== -1) return index;
        // oxlint-disable-next-line no-await-in-loop -- until it comes
        await Promise.race([wake.promise, late]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    heard,
    follow: (open: OpenExchange): void => void follow(open),
    async next(method: string, timeout = 10_000): Promise<WireMessage> {
      const index = await find(method, taken, timeout);
      taken = index + 1;
      return heard[index] as WireMessage;
    },
    heardOf: async (method: string, timeout = 10_000): Promise<void> => void (await find(method, 0, timeout)),
    async call(answer: Promise<{ readonly messages: readonly WireMessage[] }>): Promise<readonly WireMessage[]> {
      return (await answer).messages;
    },
  };
}

export function last(messages: readonly WireMessage[]): WireMessage {
  const message = messages.at(-1);
  if (message === undefined) throw new Error('nothing was answered');
  return message;
}
