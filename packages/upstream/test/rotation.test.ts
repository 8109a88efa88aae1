import { basename } from 'node:path';
import type { HttpSpec, Outcome, Setting, UpstreamSpec } from '@hostler/kernel';
import { Secret } from '@hostler/secrets';
import { alive, chaosServer } from '@hostler/test-kit';
import type { Pool } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { resultOf, sendJson } from './http/support/raw-server.ts';
import type { Respond } from './http/support/raw-server.ts';
import { startLegacy, startModern } from './http/support/scripted-servers.ts';
import { startSse } from './sse/support.ts';
import { callTool, plainClient, userOf } from './support/make-exchange.ts';
import { chaosSpec, startPool } from './support/pool-setup.ts';
import type { PoolSetup } from './support/pool-setup.ts';
import { structured, until, WatchedClock } from './support/stdio-setup.ts';

const user = userOf(plainClient);
const { signal } = new AbortController();

/** Secrets with a memory of their own, as a resolver has: a value that changed is seen once it was expired. */
function vault(first: string) {
  const stored = { value: first, known: first };
  const secrets: NonNullable<PoolSetup['secrets']> = {
    resolve: (reference) => Promise.resolve(new Secret(stored.known, { reference })),
    expire: () => void (stored.known = stored.value),
  };
  return {
    secrets,
    /** `isKnown`: the resolver has read it already. */
    rotate: (value: string, isKnown: boolean): void => {
      stored.value = value;
      if (isKnown) stored.known = value;
    },
  };
}

interface Load {
  readonly failures: unknown[];
  readonly values: Map<string, number>;
  calls: number;
  stop(): Promise<void>;
}

/** A hundred calls a second where the machine allows it, each over the connection of that moment. */
function underLoad(pool: Pool, tool: string, valueOf: (outcome: Outcome) => string): Load {
  const load = { failures: [] as unknown[], values: new Map<string, number>(), calls: 0 };
  const open = new Set<Promise<void>>();
  const one = async (): Promise<void> => {
    load.calls += 1;
    try {
      const connection = await pool.connection('a', user);
      const outcome = await connection.request(callTool(tool, { ms: 30 }));
      if (outcome.kind === 'error') throw new Error(JSON.stringify(outcome.payload.value()));
      const value = valueOf(outcome);
      load.values.set(value, (load.values.get(value) ?? 0) + 1);
    } catch (error) {
      load.failures.push(error);
    }
  };
  const timer = setInterval(() => {
    // A server that is late is not to be drowned: that would be another failure.
    if (open.size >= 100) return;
    const call = one().finally(() => open.delete(call));
    open.add(call);
  }, 10);
  return Object.assign(load, {
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
    },
  });
}

/** So many calls have been made, and some of them answered. */
const reached = (load: Load, calls: number): Promise<void> => until(() => load.calls >= calls && load.values.size > 0);

function specOf(url: string, more: Partial<UpstreamSpec> = {}, protocol?: HttpSpec['protocol']): UpstreamSpec {
  const headers = { authorization: { secret: 'test://token', format: 'Bearer {}' } };
  const transport: HttpSpec = { kind: 'http', url, headers, ...(protocol && { protocol }) };
  return chaosSpec('a', [], { transport, interactive: false, ...more });
}

describe('a secret that changes while calls run', () => {
  it.each<[string, Setting]>([
    ['env', { secret: 'test://token' }],
    ['file', { secret: 'test://token', as: 'file' }],
  ])('reaches a child (as: %s) without a failed call, and the old child ends', async (as, setting) => {
    const { secrets, rotate } = vault('first');
    const transport = { kind: 'stdio', ...chaosServer(), env: { TOKEN: setting }, cwd: process.cwd() } as const;
    await using started = await startPool([chaosSpec('a', [], { transport, interactive: false })], { secrets });
    const { pool } = started;
    const load = underLoad(pool, 'echo-env', (outcome) => variable(outcome, 'TOKEN'));
    const pid = structured(await (await started.connection()).request(callTool('stats')))['pid'];
    await reached(load, 30);
    rotate('second', true);
    expect(await pool.renewSecrets('a', 20_000, signal)).toBe('restarted');
    await until(() => !alive(Number(pid)));
    await reached(load, load.calls + 30);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.values.keys()].map((value) => (as === 'env' ? value : basename(value)))).toEqual(
      as === 'env' ? ['first', 'second'] : ['1', '1'],
    );
  });

  const answers = (accepted: () => readonly string[]): Respond => {
    return (received, response) => {
      const given = received.headers.authorization ?? '';
      if (!accepted().includes(given)) return void response.writeHead(401).end();
      setTimeout(() => sendJson(response, resultOf(received, { given })), 20);
    };
  };

  it.each([
    ['legacy', (call: Respond) => startLegacy({ call })],
    ['modern', (call: Respond) => startModern(call)],
  ])('reaches a %s server behind HTTP in place, without a failed call or a new session', async (_, start) => {
    let accepted = ['Bearer first', 'Bearer second'];
    await using server = await start(answers(() => accepted));
    const { secrets, rotate } = vault('first');
    const clock = new WatchedClock();
    await using started = await startPool([specOf(server.url)], { secrets, clock });
    const { pool } = started;
    const load = underLoad(pool, 'x', givenIn);
    await reached(load, 30);
    rotate('second', true);
    clock.waited = 0;
    expect(await pool.renewSecrets('a', 20_000, signal)).toBe('renewed');
    expect(clock.waited).toBeLessThan(1_000);
    accepted = ['Bearer second'];
    await reached(load, load.calls + 30);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.values.keys()]).toEqual(['Bearer first', 'Bearer second']);
    expect(server.count('initialize')).toBeLessThanOrEqual(1);
    expect(pool.states()).toMatchObject([{ restarts: 0 }]);
  });

  it.each([
    ['legacy', (call: Respond) => startLegacy({ call })],
    ['modern', (call: Respond) => startModern(call)],
  ])('is healed by the refusal of a %s server that took the old one back at once', async (_, start) => {
    let accepted = ['Bearer first'];
    await using server = await start(answers(() => accepted));
    const { secrets, rotate } = vault('first');
    await using started = await startPool([specOf(server.url)], { secrets });
    const load = underLoad(started.pool, 'x', givenIn);
    await reached(load, 30);
    rotate('second', false);
    accepted = ['Bearer second'];
    await reached(load, load.calls + 30);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.values.keys()]).toEqual(['Bearer first', 'Bearer second']);
  });

  it('reaches the messages of an HTTP+SSE session, which goes on', async () => {
    await using server = await startSse();
    const { secrets, rotate } = vault('first');
    await using started = await startPool([specOf(server.url, {}, 'sse')], { secrets });
    await (await started.connection()).request(callTool('x'));
    rotate('second', true);
    expect(await started.pool.renewSecrets('a', 20_000, signal)).toBe('renewed');
    await (await started.connection()).request(callTool('x'));
    expect(server.received.all.at(-1)?.headers.authorization).toBe('Bearer second');
    expect(server.count('GET')).toBe(1);
  });

  it('that does not let the new child start leaves the old one in service', async () => {
    const { secrets, rotate } = vault('0');
    const args = [
      '-e',
      `process.env.CODE === '0' || process.exit(7); import(${JSON.stringify(`file://${chaosServer().args[0]}`)})`,
    ];
    const env = { CODE: { secret: 'test://code' } };
    const transport = { kind: 'stdio', command: process.execPath, args, env, cwd: process.cwd() } as const;
    await using started = await startPool([chaosSpec('a', [], { transport, era: 'legacy' })], { secrets });
    const { pool } = started;
    const load = underLoad(pool, 'echo-env', (outcome) => variable(outcome, 'CODE'));
    await reached(load, 10);
    rotate('7', true);
    await expect(pool.renewSecrets('a', 20_000, signal)).rejects.toMatchObject({
      details: { problem: 'It exited with code 7.' },
    });
    await reached(load, load.calls + 20);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.values.keys()]).toEqual(['0']);
    expect(pool.states()).toMatchObject([{ status: 'up', restarts: 0 }]);
  });
});

function givenIn({ payload }: Outcome): string {
  return (payload.value() as { readonly given: string }).given;
}

function variable(outcome: Outcome, name: string): string {
  return (structured(outcome) as Readonly<Record<string, string>>)[name] ?? '';
}
