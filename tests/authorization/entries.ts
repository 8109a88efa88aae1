import {
  initializeRequest,
  initializedNotification,
  modernHeaders,
  modernRequest,
  openExchange,
} from '@hostler/test-kit';
import type { WireMessage } from '@hostler/test-kit';
import type { JsonObject } from '@hostler/kernel';
import { pathOf } from './consumers.ts';
import type { Place } from './consumers.ts';
import type { Headers } from './guarded-host.ts';
import type { Era } from './things.ts';

/** A client of one consumer at one place. */
export interface EntryClient extends AsyncDisposable {
  /** The whole answer as text, and the message in it. */
  ask(method: string, params: JsonObject): Promise<Answered>;
}

export interface Answered {
  /** 0 where there is none. */
  readonly status: number;
  readonly text: string;
  readonly message?: WireMessage | undefined;
}

export interface Entry {
  readonly era: Era;
  open(url: string, place: Place, headers: Headers): Promise<EntryClient>;
}

const ACCEPT = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };

/** Connections are kept: there are thousands of requests. */
async function post(
  url: string,
  headers: Headers,
  body: unknown,
): Promise<Answered & { readonly head: globalThis.Headers }> {
  const response = await fetch(url, { method: 'POST', headers: { ...ACCEPT, ...headers }, body: JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, text, message: messageOf(text), head: response.headers };
}

/** The one in JSON, or the last of an event stream. */
function messageOf(text: string): WireMessage | undefined {
  const line = text.startsWith('{')
    ? text
    : text
        .split('\n')
        .findLast((each) => each.startsWith('data: {'))
        ?.slice(6);
  return line === undefined ? undefined : (JSON.parse(line) as WireMessage);
}

const nothing = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** One that was not let in: whatever it asks, that is the answer. */
const shut = (answered: Answered): EntryClient => ({ ask: () => Promise.resolve(answered), ...nothing });

function streamable(version: string): Entry {
  return {
    era: 'legacy',
    async open(url, place, headers) {
      const address = `${url}${pathOf(place)}/mcp`;
      const { head, ...opening } = await post(address, headers, initializeRequest(1, { version }));
      const session = head.get('mcp-session-id');
      if (session === null) return shut(opening);
      const own = { ...headers, 'mcp-session-id': session, 'mcp-protocol-version': version };
      await post(address, own, initializedNotification);
      let lastId = 1;
      return {
        ask: (method, params) => post(address, own, { jsonrpc: '2.0', id: ++lastId, method, params }),
        [Symbol.asyncDispose]: async () => void (await fetch(address, { method: 'DELETE', headers: own })),
      };
    },
  };
}

const modern: Entry = {
  era: 'modern',
  async open(url, place, headers) {
    const address = `${url}${pathOf(place)}/mcp`;
    return {
      async ask(method, params) {
        const body = modernRequest(1, method, params);
        const own = { ...modernHeaders(body), ...headers };
        if (method !== 'subscriptions/listen') return post(address, own, body);
        await using stream = await openExchange(address, { body, headers: own });
        const isStream = stream.headers['content-type']?.startsWith('text/event-stream') === true;
        const message = isStream ? await stream.nextMessage() : undefined;
        if (message !== undefined) return { status: stream.status, text: JSON.stringify(message), message };
        const { text } = await stream.finish();
        return { status: stream.status, text, message: messageOf(text) };
      },
      ...nothing,
    };
  },
};

/** Answers that come on a stream, by the id of their request. */
function correlated(send: (message: WireMessage) => Promise<Answered | undefined>) {
  const waiting = new Map<unknown, (answered: Answered) => void>();
  const over: Answered = { status: 0, text: 'ended' };
  let isOver = false;
  let lastId = 0;
  return {
    receive(text: string): void {
      const message = JSON.parse(text) as WireMessage;
      if (message.method === undefined) waiting.get(message.id)?.({ status: 0, text, message });
    },
    end(): void {
      isOver = true;
      waiting.forEach((resolve) => resolve(over));
    },
    ask: async (method: string, params: JsonObject): Promise<Answered> => {
      if (isOver) return over;
      const id = ++lastId;
      const { promise, resolve } = Promise.withResolvers<Answered>();
      waiting.set(id, resolve);
      const refused = await send({ jsonrpc: '2.0', id, method, params });
      return refused ?? (await promise.finally(() => waiting.delete(id)));
    },
  };
}

const opening = (version: string): JsonObject => ({ ...initializeRequest(1, { version }).params }) as JsonObject;

const sse: Entry = {
  era: 'legacy',
  async open(url, place, headers) {
    const options = { headers: { accept: 'text/event-stream', ...headers }, timeout: 60_000 };
    const stream = await openExchange(`${url}${pathOf(place)}/sse`, options);
    if (stream.status !== 200) {
      const { text } = await stream.finish();
      return shut({ status: stream.status, text, message: messageOf(text) });
    }
    const { data: address = '' } = await stream.nextEvent();
    const talk = correlated(async (message) => {
      const posted = await post(url + address, headers, message);
      return posted.status === 202 ? undefined : posted;
    });
    const listen = async (): Promise<void> => {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- one event after the other
        talk.receive((await stream.nextEvent()).data ?? '{}');
      }
    };
    void listen().catch(() => talk.end());
    await talk.ask('initialize', opening('2024-11-05'));
    await post(url + address, headers, initializedNotification);
    return { ask: talk.ask, [Symbol.asyncDispose]: async () => stream.close() };
  },
};

const socket: Entry = {
  era: 'legacy',
  async open(url, place, headers) {
    // Not of the standard, but of Node's own.
    const options = { protocols: ['mcp'], headers } as unknown as string[];
    const connection = new WebSocket(`${url.replace('http', 'ws')}${pathOf(place)}/ws`, options);
    const opened = Promise.withResolvers<boolean>();
    connection.addEventListener('open', () => opened.resolve(true));
    connection.addEventListener('error', () => opened.resolve(false));
    if (!(await opened.promise)) {
      // What was said instead stands in the answer of HTTP, which a WebSocket does not show.
      const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
      const key = { 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-protocol': 'mcp' };
      await using refused = await openExchange(`${url}${pathOf(place)}/ws`, {
        headers: { ...upgrade, ...key, ...headers },
      });
      const { status, text } = await refused.finish();
      return shut({ status, text, message: messageOf(text) });
    }
    const talk = correlated((message) => {
      connection.send(JSON.stringify(message));
      return Promise.resolve(undefined);
    });
    connection.addEventListener('message', ({ data }) => talk.receive(String(data)));
    connection.addEventListener('close', () => talk.end());
    await talk.ask('initialize', opening('2025-11-25'));
    connection.send(JSON.stringify(initializedNotification));
    return { ask: talk.ask, [Symbol.asyncDispose]: async () => connection.close() };
  },
};

/** Every way in for clients of MCP over the network, in every revision. */
export const ENTRIES: Readonly<Record<string, Entry>> = {
  'Streamable HTTP 2025-03-26': streamable('2025-03-26'),
  'Streamable HTTP 2025-06-18': streamable('2025-06-18'),
  'Streamable HTTP 2025-11-25': streamable('2025-11-25'),
  'Streamable HTTP 2026-07-28': modern,
  'HTTP+SSE 2024-11-05': sse,
  WebSocket: socket,
};
