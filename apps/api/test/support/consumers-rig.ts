import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createKey } from '@hostler/auth';
import { loadConfig } from '@hostler/config';
import type { ConfigFile } from '@hostler/config';
import { createRuntime } from '@hostler/runtime';
import type { Runtime, RuntimeOptions } from '@hostler/runtime';
import { chaosServer, exchange, initializeRequest, openExchange, openLegacySession } from '@hostler/test-kit';
import { callModern, temporaryDirectory } from '@hostler/test-kit';
import type { HttpAnswer, WireMessage } from '@hostler/test-kit';
import { listen } from '../../src/index.ts';
import type { Listening } from '../../src/index.ts';

export type Headers = Readonly<Record<string, string>>;

/** A host with the servers `one` and `two`, and whoever the configuration lets in. */
export interface ConsumersRig extends AsyncDisposable {
  readonly url: string;
  readonly runtime: Runtime;
  readonly log: () => string;
  /** Stops it as its operator does: in the time that the configuration gives. */
  readonly stop: () => Promise<void>;
  /** Writes the configuration file anew; the host notices by itself. */
  write(config: Omit<ConfigFile, 'servers'> & Partial<ConfigFile>): Promise<void>;
}

export type Settings = Parameters<ConsumersRig['write']>[0];

export async function startRig(settings: Settings, options: Pick<RuntimeOptions, 'clock'> = {}): Promise<ConsumersRig> {
  const directory = await temporaryDirectory();
  const path = join(directory.path, 'hostler.json');
  const write = (config: Settings): Promise<void> => writeFile(path, JSON.stringify(complete(config)));
  await write(settings);
  let log = '';
  const logDestination = new Writable({
    write: (chunk: Buffer, _encoding, done) => ((log += chunk.toString()), done()),
  });
  const { plan } = await loadConfig(path, { environment: process.env });
  const runtime = await createRuntime({ plan, environment: process.env, logDestination, ...options });
  const listening: Listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false });
  await runtime.start();
  return {
    url: listening.url,
    runtime,
    log: () => log,
    stop: () => listening.close(),
    write,
    async [Symbol.asyncDispose]() {
      await listening.close(0);
      await directory[Symbol.asyncDispose]();
    },
  };
}

function complete(config: Settings): ConfigFile {
  const { command, args } = chaosServer();
  const chaos = { command, args: [...args] };
  return { servers: { one: chaos, two: chaos }, log: { level: 'debug' }, reload: { watch: true }, ...config };
}

/** A key, and what the configuration says of it. */
export function newKey(more: object = {}): { readonly key: string; readonly entry: { hash: string } } {
  const { key, hash } = createKey();
  return { key, entry: { hash, ...more } };
}

export const bearer = (key: string): Headers => ({ authorization: `Bearer ${key}` });

/** A client on a face: asks one thing after another. */
export interface FaceClient extends AsyncDisposable {
  ask(method: string, params?: object): Promise<WireMessage>;
  /** Resolves when the host has ended what it holds open for this client; at once where that is nothing. */
  readonly ended: Promise<unknown>;
}

export type OpenFace = (url: string, headers: Headers, path?: string) => Promise<FaceClient>;

async function openStreamable(url: string, headers: Headers, path = ''): Promise<FaceClient> {
  const session = await openLegacySession(`${url}${path}/mcp`, { headers });
  const stream = await session.listen();
  return {
    ask: async (method, params = {}) => lastMessage(await session.call(method, { ...params })),
    ended: stream.finish().catch(() => undefined),
    [Symbol.asyncDispose]: async () => stream.close(),
  };
}

async function openModernFace(url: string, headers: Headers, path = ''): Promise<FaceClient> {
  const ask = async (method: string, params: object = {}): Promise<WireMessage> =>
    lastMessage(await callModern(`${url}${path}/mcp`, method, { ...params }, { headers }));
  // There is no session to open: the first request shows whether the client is let in.
  await ask('server/discover');
  return { ask, ended: Promise.resolve(), [Symbol.asyncDispose]: async () => undefined };
}

async function openSseFace(url: string, headers: Headers, path = ''): Promise<FaceClient> {
  const stream = await openExchange(`${url}${path}/sse`, { headers: { accept: 'text/event-stream', ...headers } });
  if (stream.status !== 200) throw new Error(`HTTP ${stream.status} ${(await stream.finish()).text}`);
  const { data: address = '' } = await stream.nextEvent();
  let lastId = 0;
  const ask = async (message: WireMessage): Promise<WireMessage> => {
    const posted = await exchange(url + address, { body: message, headers });
    if (posted.status !== 202) throw new Error(`HTTP ${posted.status} ${posted.text}`);
    return stream.nextMessage(({ id }) => id === message.id);
  };
  const client = {
    ask: (method: string, params: object = {}) => ask({ jsonrpc: '2.0', id: ++lastId, method, params: { ...params } }),
    get ended() {
      return stream.finish().catch(() => undefined);
    },
    [Symbol.asyncDispose]: async () => stream.close(),
  };
  await ask(initializeRequest(0));
  return client;
}

async function openSocketFace(url: string, headers: Headers, path = ''): Promise<FaceClient> {
  // Not of the standard, but of Node's own.
  const options = { protocols: ['mcp'], headers } as unknown as string[];
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}/ws`, options);
  const ended = new Promise((resolve) => {
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }), { once: true });
  });
  await Promise.race([once(socket, 'open'), ended.then(() => Promise.reject(new Error('refused')))]);
  let lastId = -1;
  const ask = async (method: string, params: object = {}): Promise<WireMessage> => {
    const id = ++lastId;
    const { promise, resolve } = Promise.withResolvers<WireMessage>();
    const onMessage = ({ data }: { data: unknown }): void => {
      const message = JSON.parse(String(data)) as WireMessage;
      if (message.id === id && message.method === undefined) resolve(message);
    };
    if (socket.readyState !== socket.OPEN) throw new Error('ended');
    socket.addEventListener('message', onMessage);
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return promise.finally(() => socket.removeEventListener('message', onMessage));
  };
  await ask('initialize', { ...initializeRequest(0).params });
  return { ask, ended, [Symbol.asyncDispose]: async () => socket.close() };
}

function lastMessage({ messages, status, text }: HttpAnswer): WireMessage {
  const message = messages.at(-1);
  if (message === undefined || status === 401 || status === 403) throw new Error(`HTTP ${status} ${text}`);
  return message;
}

/** Every way in for clients of MCP. */
export const faces: Readonly<Record<string, OpenFace>> = {
  'Streamable HTTP, legacy': openStreamable,
  'Streamable HTTP, modern': openModernFace,
  'HTTP+SSE': openSseFace,
  WebSocket: openSocketFace,
};
