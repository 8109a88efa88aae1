import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '@hostler/test-kit';
import { createClientAddress } from '../src/client-address.ts';
import { defaultServerLimits } from '../src/index.ts';
import { openInsideSocket } from '../src/workers/inside-socket.ts';

const peer = Buffer.from(JSON.stringify({ address: '192.0.2.7' })).toString('base64');

it('believes what is said of a client to nobody but who knows the token', async () => {
  await using folder = await temporaryDirectory();
  const path = join(folder.path, '1.sock');
  const clientAddress = createClientAddress([]);
  const seen: [address: string, names: readonly string[]][] = [];
  const close = await openInsideSocket({
    path,
    token: 'a-token',
    limits: defaultServerLimits,
    api: {
      answer: (incoming, outgoing) => {
        seen.push([clientAddress.of(incoming), Object.keys(incoming.headers).filter((name) => name.startsWith('x-'))]);
        outgoing.end();
        return Promise.resolve();
      },
    },
  });
  async function ask(headers: Record<string, string>): Promise<number | undefined> {
    const outgoing = request({ socketPath: path, path: '/mcp', headers, agent: false });
    outgoing.end();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    incoming.resume();
    return incoming.statusCode;
  }
  try {
    for (const headers of [
      {},
      { 'x-hostler-peer': peer },
      { 'x-hostler-token': 'a-token' },
      { 'x-hostler-token': 'b-token', 'x-hostler-peer': peer },
      { 'x-hostler-token': 'a-token-and-more', 'x-hostler-peer': peer },
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await expect(ask(headers)).rejects.toThrow('socket hang up');
    }
    expect(seen).toEqual([]);
    expect(await ask({ 'x-hostler-token': 'a-token', 'x-hostler-peer': peer })).toBe(200);
    expect(seen).toEqual([['192.0.2.7', []]]);
  } finally {
    close();
  }
});
