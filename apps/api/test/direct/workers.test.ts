import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConfigFile } from '@hostler/config';
import { chaosServer, openLegacySession } from '@hostler/test-kit';
import type { LegacySession } from '@hostler/test-kit';
import { startWorkersRig } from '../support/workers-rig.ts';
import type { WorkersRig } from '../support/workers-rig.ts';
import { until } from './support.ts';

const PATH = '/servers/one/mcp';
let rig: WorkersRig;

beforeAll(async () => {
  rig = await startWorkersRig({ config: (): ConfigFile => ({ servers: { one: { ...chaosServer() } } }) as never });
}, 240_000);
afterAll(async () => (rig as WorkersRig | undefined)?.[Symbol.asyncDispose]());

/** A session of each worker. */
async function twoSessions(): Promise<readonly LegacySession[]> {
  const found = new Map<string, LegacySession>();
  for (let tries = 0; tries < 20 && found.size < 2; tries++) {
    const session = await openLegacySession(rig.url + PATH);
    found.set(session.id?.split('.').at(-1) ?? '', session);
  }
  expect([...found.keys()].toSorted()).toEqual(['1', '2']);
  return [...found.values()];
}

function ask({ headers }: LegacySession, number: number, more = ''): string {
  const params = { name: 'echo', arguments: { number } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: number, method: 'tools/call', params });
  const fields = { host: 'localhost', 'content-type': 'application/json', accept: '*/*', ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${PATH} HTTP/1.1\r\n${lines.join('')}${more}content-length: ${body.length}\r\n\r\n${body}`;
}

test('requests for sessions of both workers over one connection, at once, directly and by Node', async () => {
  const sessions = await twoSessions();
  const { hostname, port } = new URL(rig.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let text = '';
  let isClosed = false;
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.on('close', () => (isClosed = true));
  for (let round = 0; round < 5; round++) {
    const number = round * 4;
    socket.write([0, 1, 2, 3].map((index) => ask(sessions[index % 2]!, number + index)).join(''));
    await until(() => text.includes(`"structuredContent":{"number":${number + 3}}`));
  }
  // Each is answered directly, wherever its session is.
  expect(text.match(/\r\nconnection: keep-alive/g)).toHaveLength(20);
  for (const [index, session] of sessions.entries()) socket.write(ask(session, 20 + index, 'x-a: 1\r\nx-a: 2\r\n'));
  await until(() => text.includes('"structuredContent":{"number":21}') && text.includes('"number":20}'));
  expect(text.match(/\r\nConnection: keep-alive/g)).toHaveLength(2);
  expect(text.match(/\r\ndate: /gi)).toHaveLength(22);
  const numbers = [...text.matchAll(/"structuredContent":\{"number":(\d+)\}/g)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: 22 }, (_, index) => index));
  socket.write(`GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await until(() => isClosed);
  expect(text.match(/HTTP\/1.1 200 OK\r\n/g)).toHaveLength(23);
});

test('the call of a client that leaves is given up, wherever its session is', async () => {
  const { hostname, port } = new URL(rig.url);
  const [first, second] = await twoSessions();
  const givenUp = async (): Promise<number> => {
    const { text } = await first!.call('tools/call', { name: 'stats', arguments: {} });
    return /"structuredContent":.*"cancelled":\[([^\]]*)\]/.exec(text)?.[1]?.split(',').filter(Boolean).length ?? 0;
  };
  const begun = async (): Promise<string> => (await first!.call('tools/call', { name: 'stats', arguments: {} })).text;
  for (const [index, session] of [first!, second!].entries()) {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(ask(session, 1).replace('"echo"', '"hang"'));
    await expect.poll(begun, { timeout: 10_000 }).toContain(`"hang":${index + 1}`);
    socket.resetAndDestroy();
    await expect.poll(givenUp, { timeout: 10_000 }).toBe(index + 1);
  }
});
