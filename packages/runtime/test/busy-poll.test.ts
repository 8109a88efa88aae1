import { toPlan } from '@hostler/config';
import type { ConfigFile } from '@hostler/config';
import { createExchange } from '@hostler/host';
import { BusyPoll } from '@hostler/upstream';
import { fileURLToPath } from 'node:url';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isCpuRationed } from '../src/cpu-ration.ts';
import { createRuntime } from '../src/index.ts';

const command = process.execPath;
const args = [fileURLToPath(new URL('fixtures/keyed-server.mjs', import.meta.url))];
const CALLS = 3;

afterEach(() => vi.restoreAllMocks());

/** How many calls were told to what keeps the process awake: begun and ended. */
async function toldCalls(changes: Partial<ConfigFile>): Promise<number[]> {
  const [begin, end] = [vi.spyOn(BusyPoll.prototype, 'begin'), vi.spyOn(BusyPoll.prototype, 'end')];
  const config = { servers: { one: { command, args, env: { TOKEN: 'x' } } }, ...changes };
  const plan = toPlan(config, { source: '/hostler.json', folder: import.meta.dirname });
  const logDestination = new Writable({ write: (_chunk, _encoding, done) => done() });
  const runtime = await createRuntime({ plan, environment: process.env, logDestination });
  try {
    await runtime.start();
    for (let call = 0; call < CALLS; call += 1) {
      const { kind } = await runtime.host.dispatch(
        createExchange({
          method: 'tools/call',
          params: { name: 'which', arguments: {} },
          scope: { kind: 'server', name: 'one' },
          consumer: runtime.anonymous,
          signal: AbortSignal.timeout(20_000),
        }),
      );
      expect(kind).toBe('result');
    }
  } finally {
    await runtime.close();
  }
  return [begin.mock.calls.length, end.mock.calls.length];
}

describe('a runtime', { timeout: 30_000 }, () => {
  it('may stay awake for single calls, unless time of cores is rationed', async () => {
    const told = isCpuRationed() ? 0 : CALLS;
    expect(await toldCalls({})).toEqual([told, told]);
  });

  it('sleeps whenever it waits where the configuration says so', async () => {
    expect(await toldCalls({ calls: { busyPoll: false } })).toEqual([0, 0]);
  });
});
