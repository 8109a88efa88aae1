import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { toPlan } from '@hostler/config';
import { createExchange } from '@hostler/host';
import type { JsonObject } from '@hostler/kernel';
import { createRuntime } from '@hostler/runtime';
import type { Runtime } from '@hostler/runtime';
import { callModern, conformanceServer, openLegacySession, startProcess } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { listen } from '../src/index.ts';
import { stringsHeld } from './support/heap-search.ts';

/** Names of servers are in no literal of this file: whatever the heap holds of them was left behind. */
const MARK = `q${randomBytes(4).toString('hex')}z`;
const NAME = new RegExp(`${MARK}\\d`);
const ROUNDS = 10;

const namesHeld = async (): Promise<string[]> => (await stringsHeld(MARK)).filter((one) => NAME.test(one));

async function use(runtime: Runtime, url: string, name: string): Promise<void> {
  for (const scope of ['/mcp', `/servers/${name}/mcp`]) {
    const prefix = scope === '/mcp' ? `${name}__` : '';
    const call = { name: `${prefix}test_simple_text`, arguments: {} };
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    expect((await callModern(url + scope, 'tools/call', call)).messages.at(-1)).toHaveProperty('result');
    // oxlint-disable-next-line no-await-in-loop -- as above
    const session = await openLegacySession(url + scope);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await session.call('logging/setLevel', { level: 'debug' });
    // oxlint-disable-next-line no-await-in-loop -- as above
    expect((await session.call('tools/call', call)).messages.at(-1)).toHaveProperty('result');
  }
  for (const path of ['tools', 'resources', 'prompts', `servers/${name}`, 'schema', 'info']) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    expect((await fetch(`${url}/v1/${path}`)).status).toBe(200);
  }
  const scope = { kind: 'server', name } as const;
  const params: JsonObject = { level: 'debug' };
  const signal = AbortSignal.timeout(10_000);
  const client = { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} } as const;
  const consumer = runtime.anonymous;
  await runtime.host.dispatch(createExchange({ method: 'logging/setLevel', params, scope, consumer, client, signal }));
}

it('nothing of a server that was unregistered is left in memory', async () => {
  const { command, args } = conformanceServer('--http', '--era', 'legacy');
  await using server = await startProcess(command, args, {});
  const { url: upstream } = JSON.parse(await server.stdout.take(() => true, 20_000)) as { url: string };
  const logDestination = new Writable({ write: (_chunk, _encoding, done) => done() });
  const plan = toPlan({ servers: {}, log: { level: 'error' } }, { source: '/hostler.yaml' });
  const runtime = await createRuntime({ plan, environment: process.env, logDestination });
  const listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false });
  try {
    await runtime.start();
    for (let round = 0; round < ROUNDS; round += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await runtime.servers.add(`${MARK}${round}`, { url: upstream })).toMatchObject({
        state: { status: 'up' },
      });
      // oxlint-disable-next-line no-await-in-loop -- as above
      await use(runtime, listening.url, `${MARK}${round}`);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await runtime.servers.remove(`${MARK}${round}`);
    }
    // One more, under another name, so that what only remembers the last one forgets.
    await runtime.servers.add('last', { url: upstream });
    await use(runtime, listening.url, 'last');
    await runtime.servers.remove('last');
    expect(runtime.readiness().servers).toEqual([]);
    // What is only on its way out, on a busy machine, is gone before long; what was left behind stays.
    let held = await namesHeld();
    for (let looks = 1; looks < 6 && held.length > 0; looks += 1) {
      // What a look has found would be held by that look.
      held = [];
      // oxlint-disable-next-line no-await-in-loop -- one look after the other
      await delay(2_000);
      // oxlint-disable-next-line no-await-in-loop -- as above
      held = await namesHeld();
    }
    expect(held.slice(0, 10)).toEqual([]);
  } finally {
    await listening.close(0);
  }
}, 120_000);
