import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { exchange } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { bearer, newKey, startRig } from './support/consumers-rig.ts';
import type { Settings } from './support/consumers-rig.ts';
import { startPatientClock } from './support/patient-clock.ts';

/** Takes connections as Redis does; `answer` says what becomes of a script. */
async function startStore(answer: string | undefined, greets = true) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const command of data.toString().split(/(?=\*\d+\r\n\$)/)) {
        const said = /EVAL/i.test(command) ? answer : greets ? '+OK\r\n' : undefined;
        if (said !== undefined) socket.write(said);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

it.each([
  ['never answers a script', undefined, true],
  ['never answers anything', undefined, false],
  ['lets everything pass', '*2\r\n:5\r\n:0\r\n', true],
  ['is no Redis', 'HTTP/1.1 400 Bad Request\r\n\r\n', true],
])(
  'A-26: a store that %s lets nobody have more than the limit, and makes nobody wait',
  async (_, answer, greets) => {
    await using store = await startStore(answer, greets);
    const { key, entry } = newKey();
    await using clock = startPatientClock();
    const settings: Settings = {
      consumers: { a: { keys: [entry], limits: { calls: '3/h' } } },
      limits: { store: { redis: { url: store.url } } },
    };
    await using rig = await startRig(settings, { clock });
    const begun = clock.now();
    const statuses: number[] = [];
    for (let call = 0; call < 8; call += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      statuses.push((await exchange(`${rig.url}/v1/tools`, { headers: bearer(key) })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429, 429, 429]);
    expect(clock.now() - begun).toBeLessThan(3_000);
  },
  60_000,
);
