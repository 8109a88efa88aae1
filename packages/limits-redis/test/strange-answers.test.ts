import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRedisCounter } from '../src/index.ts';
import type { RedisCounter } from '../src/index.ts';
import { silent } from './support.ts';

const USE = { key: 'x', rate: { count: 2, per: 1_000 }, burst: 2 };

/** Speaks RESP like Redis does, and says to a script what the test says. */
async function startStrange(answer: () => string) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      const commands = data.toString().split(/(?=\*\d+\r\n\$)/);
      for (const command of commands) socket.write(/EVAL/i.test(command) ? answer() : '+OK\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a store that is not what it should be', () => {
  let said = '';
  let store: Awaited<ReturnType<typeof startStrange>>;
  let counter: RedisCounter;
  beforeEach(async () => {
    store = await startStrange(() => said);
    counter = createRedisCounter({ url: store.url, log: silent });
    await counter.connected;
  });
  afterEach(async () => {
    counter.close();
    await store.close();
  });

  it('is believed where its answer makes sense', async () => {
    said = '*2\r\n:1\r\n:1000000\r\n';
    expect(await counter.take([USE])).toEqual({ refused: 0, busy: [1_000] });
  });

  it.each([
    ['refuses a rate that was not asked about', '*2\r\n:7\r\n:0\r\n'],
    ['refuses less than none', '*2\r\n:-1\r\n:0\r\n'],
    ['has used less than nothing', '*2\r\n:0\r\n:-5000000\r\n'],
    ['says nothing of the rate', '*1\r\n:0\r\n'],
    ['says texts', '*2\r\n$1\r\n0\r\n$1\r\n0\r\n'],
    ['says OK', '+OK\r\n'],
    ['says nil', '$-1\r\n'],
    ['does not know scripts', '-ERR unknown command\r\n'],
  ])('is away when it %s', async (_, answer) => {
    said = answer;
    await expect(counter.take([USE])).rejects.toThrow(/Redis gave|unknown command/);
  });
});
