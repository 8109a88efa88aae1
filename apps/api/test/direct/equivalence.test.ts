import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initializeRequest, modernHeaders, modernRequest } from '@hostler/test-kit';
import { bearer, newKey, startRig } from '../support/consumers-rig.ts';
import type { ConsumersRig } from '../support/consumers-rig.ts';
import { someTurns, until } from './support.ts';

const key = newKey();
let rig: ConsumersRig;

beforeAll(async () => {
  rig = await startRig({ consumers: { a: { keys: [key.entry], servers: ['one'] } }, reload: { watch: false } });
});
afterAll(async () => (rig as ConsumersRig | undefined)?.[Symbol.asyncDispose]());

interface Asked {
  readonly path?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body: string;
}

const known = { host: 'localhost', accept: 'application/json, text/event-stream', ...bearer(key.key) };
const json = { ...known, 'content-type': 'application/json' };

/** The same request, with a length or in a chunk: the first is answered directly, the second by Node. */
function bytesOf({ path = '/servers/one/mcp', fields = json, body }: Asked, isChunked: boolean): string {
  const size = Buffer.byteLength(body);
  const framing = isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(size) };
  const lines = Object.entries({ ...fields, ...framing }).map(([name, value]) => `${name}: ${value}\r\n`);
  const chunk = size === 0 ? '0\r\n\r\n' : `${size.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${isChunked ? chunk : body}`;
}

async function open(): Promise<Socket> {
  const { hostname, port } = new URL(rig.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

/** A whole answer: ended by the connection, which the client asks Node to end with a last request. */
async function textOf(bytes: string): Promise<string> {
  const socket = await open();
  let text = '';
  let isClosed = false;
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.on('close', () => (isClosed = true)).on('error', () => undefined);
  socket.write(bytes);
  await until(() => isClosed || /\r\n\r\n/.test(text));
  if (!isClosed) socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await until(() => isClosed);
  return text.split('HTTP/1.1 200 OK\r\ncache-control: no-store\r\n')[0] ?? '';
}

/** What an answer says, without what is another's each time. */
function meaningOf(text: string): unknown {
  const [head = '', body = ''] = text.split(/\r\n\r\n([^]*)/);
  const [status, ...lines] = head.split('\r\n');
  const fields = lines.map((line) => {
    const [name = '', value = ''] = line.split(/: (.*)/);
    return `${name.toLowerCase()}: ${/^(date|mcp-session-id)$/i.test(name) ? '-' : value}`;
  });
  return {
    status,
    fields: fields.toSorted(),
    body: body.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '-'),
  };
}

const call = (name: string, more: object = {}): string =>
  JSON.stringify(modernRequest(1, 'tools/call', { name, arguments: more }));
const called = (name: string): Record<string, string> => ({
  ...json,
  ...modernHeaders({ method: 'tools/call', params: { name } }),
});

const cases: Readonly<Record<string, Asked>> = {
  initialize: { body: JSON.stringify(initializeRequest(1)) },
  'a modern call': { fields: called('echo'), body: call('echo', { a: 'é' }) },
  'a modern call of another name than its header': { fields: called('other'), body: call('echo') },
  'a call that fails': { fields: called('none'), body: call('none') },
  'a list': {
    fields: { ...json, ...modernHeaders({ method: 'tools/list' }) },
    body: JSON.stringify(modernRequest('x', 'tools/list')),
  },
  'a stream is all that is accepted': {
    fields: { ...called('echo'), accept: 'text/event-stream' },
    body: call('echo'),
  },
  'a notification': { body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' },
  'a session that is not there': {
    fields: { ...json, 'mcp-session-id': 'none' },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  },
  'a server that is not there': { path: '/servers/three/mcp', body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' },
  'a server that is another’s': { path: '/servers/two/mcp', body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' },
  'a bundle that is not there': { path: '/bundles/b/mcp', body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' },
  'a name in escapes, and a query': { path: '/servers/%6fne/mcp/?a=b', fields: called('echo'), body: call('echo') },
  'a name that is wrongly escaped': { path: '/servers/%zz/mcp', body: '{}' },
  'no key': { fields: { ...json, authorization: '' }, body: '{}' },
  'another key': { fields: { ...json, authorization: 'Bearer none' }, body: '{}' },
  'another scheme': { fields: { ...json, authorization: 'Basic YTpi' }, body: '{}' },
  'a strange host': { fields: { ...json, host: 'evil.example' }, body: '{}' },
  'a strange origin': { fields: { ...json, origin: 'https://evil.example' }, body: '{}' },
  'another type': { fields: { ...json, 'content-type': 'text/plain' }, body: '{}' },
  'no type': { fields: known, body: '{}' },
  'a type with a charset': { fields: { ...json, 'content-type': 'application/json; charset=utf-8' }, body: '{}' },
  'a coding': { fields: { ...json, 'content-encoding': 'gzip' }, body: '{}' },
  'nothing that is accepted': { fields: { ...json, accept: 'text/html' }, body: '{}' },
  'no JSON': { body: '{"jsonrpc":' },
  'no body': { body: '' },
  'a batch': { body: '[{"jsonrpc":"2.0","id":1,"method":"ping"}]' },
  'a method that nobody knows': { body: '{"jsonrpc":"2.0","id":7,"method":"none/such"}' },
  'an unknown version': {
    fields: { ...json, 'mcp-protocol-version': '1999-01-01' },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  },
  'what was forwarded': {
    fields: { ...json, 'x-forwarded-for': '10.1.2.3', forwarded: 'for=10.1.2.3' },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  },
};

test.each(Object.entries(cases))('%s: a direct answer means the same as one of Node’s', async (_, asked) => {
  const [direct, node] = [await textOf(bytesOf(asked, false)), await textOf(bytesOf(asked, true))];
  expect(meaningOf(direct)).toEqual(meaningOf(node));
  expect(direct).toMatch(/^HTTP\/1.1 \d{3} /);
  // That is how one may tell them apart.
  expect([direct.includes('\r\ndate: '), node.includes('\r\nDate: ')]).toEqual([true, true]);
});

describe('a call of a host', () => {
  /** How many calls were made that take for ever, and how many calls were given up. */
  async function hanging(): Promise<readonly [number, number]> {
    const answer = await textOf(bytesOf({ fields: called('stats'), body: call('stats') }, false));
    const { hang = 0, cancelled } =
      /"structuredContent":.*"hang":(?<hang>\d+).*"cancelled":\[(?<cancelled>[^\]]*)\]/.exec(answer)?.groups ?? {
        cancelled: '',
      };
    return [Number(hang), cancelled?.split(',').filter(Boolean).length ?? 0];
  }

  test('that is under way is given up when its client leaves', async () => {
    for (const [index, leave] of (['end', 'resetAndDestroy'] as const).entries()) {
      const socket = await open();
      socket.write(bytesOf({ fields: called('hang'), body: call('hang') }, false));
      await expect.poll(hanging, { timeout: 10_000 }).toEqual([index + 1, index]);
      socket[leave]();
      await expect.poll(hanging, { timeout: 10_000 }).toEqual([index + 1, index + 1]);
      socket.destroy();
    }
  });

  test('that follows another over one connection, at once', async () => {
    const socket = await open();
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const ask = (index: number): string =>
      bytesOf({ fields: called('echo'), body: call('echo', { number: `n${index}n` }) }, false);
    socket.write(Array.from({ length: 50 }, (_, index) => ask(index)).join(''));
    await until(() => text.includes('n49n'));
    await someTurns();
    const numbers = [...text.matchAll(/"structuredContent":\{"number":"n(\d+)n"/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, index) => index));
    socket.destroy();
  });
});
