import { randomUUID } from 'node:crypto';
import { callModern, exchange, openLegacySession, startProcess } from '@hostler/test-kit';
import type { HttpAnswer } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMachineNoise } from '../faults/support/machine-noise.ts';
import type { MachineNoise } from '../faults/support/machine-noise.ts';
import { reportingServer, startClouds } from './support/cloud-host.ts';
import type { CloudHost, Clouds } from './support/cloud-host.ts';
import { digestOf } from './support/digest.ts';
import { startGuardedServer } from './support/guarded-server.ts';
import type { GuardedServer } from './support/guarded-server.ts';

/** Milliseconds between two looks at a secret. */
const INTERVAL = 1_000;
/** A look comes up to a tenth later; then there is a read and a header. The machine is shared. */
const IN_PLACE = INTERVAL * 1.1 + 900;
/** With the start of a process; where that takes longer than here, three times as long as it takes. */
const withStart = (start: number): number => IN_PLACE + Math.max(2_500, 3 * start);
const ROTATIONS = 3;

/** Closed in turn, the last one first. */
const opened = new AsyncDisposableStack();
let clouds: Clouds;
let remote: GuardedServer;
let host: CloudHost;
let noise: MachineNoise;
let token = randomUUID();
let key = randomUUID();

beforeAll(async () => {
  noise = await startMachineNoise();
  opened.defer(async () => void (await noise.stop()));
  clouds = opened.use(await startClouds());
  clouds.google.set('token', token);
  clouds.amazon.set('prod/key', key);
  remote = opened.use(await startGuardedServer(`Bearer ${key}`));
  host = opened.use(
    await clouds.host({
      servers: {
        child: reportingServer({ TOKEN: { secret: 'gcp://token' } }),
        remote: { url: remote.url, headers: { authorization: { secret: 'aws://prod/key', format: 'Bearer {}' } } },
      },
      secrets: { refresh: `${INTERVAL}ms` },
    }),
  );
});
afterAll(() => opened.disposeAsync());

interface Call {
  readonly tool: string;
  /** When it was sent, and when it was answered. */
  readonly sent: number;
  readonly answered: number;
  /** The latter by a clock that stands while not even an idle thread is served. */
  readonly answeredFairly: number;
  /** Of the secret that the server had. */
  readonly digest: string;
}

/** Of each server, in a second. */
const RATE = 100;

/** Calls both servers that often, as clients of both eras in turn, until it is told to stop. */
async function callAllTheTime() {
  const calls: Call[] = [];
  const failures: unknown[] = [];
  const underWay = new Set<Promise<void>>();
  const endpoint = `${host.url}/mcp`;
  const session = await openLegacySession(endpoint);
  const begun = performance.now();
  let turn = 0;

  async function callOnce(tool: string, isLegacy: boolean): Promise<void> {
    const sent = performance.now();
    const params = { name: tool, arguments: {} };
    try {
      const asked = isLegacy ? session.call('tools/call', params) : callModern(endpoint, 'tools/call', params);
      const digest = digestIn(await asked);
      calls.push({ tool, sent, digest, answered: performance.now(), answeredFairly: fairNow() });
    } catch (error) {
      failures.push(error);
    }
  }

  function callBoth(): void {
    turn += 1;
    for (const tool of ['child__report', 'remote__which']) {
      const call = callOnce(tool, turn % 2 === 0).finally(() => underWay.delete(call));
      underWay.add(call);
    }
  }

  // A timer that is late makes up for it: what is asked is a rate.
  const timer = setInterval(() => {
    while (turn < ((performance.now() - begun) / 1_000) * RATE) callBoth();
  }, 1_000 / RATE);
  return {
    calls,
    failures,
    elapsed: () => performance.now() - begun,
    of: (tool: string) => calls.filter((call) => call.tool === tool),
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

type Load = Awaited<ReturnType<typeof callAllTheTime>>;

/** The machine is shared: what it is late by is not the host's. */
const fairNow = (): number => performance.now() - noise.total();

/** Milliseconds in which a process such as the child is there, with everything else that the machine does. */
async function timeOfStart(): Promise<number> {
  const begun = fairNow();
  const { command, args } = reportingServer({}) as { readonly command: string; readonly args: readonly string[] };
  await using started = await startProcess(command, args, { env: { PATH: process.env['PATH'] ?? '' } });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'start', version: '1' } };
  started.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
  await started.stdout.take((line) => line.includes('"id":1'), 30_000);
  return fairNow() - begun;
}

/** @throws what came instead of a result */
function digestIn({ messages, text }: HttpAnswer): string {
  const { content } = (messages.at(-1)?.result ?? {}) as { readonly content?: readonly { readonly text: string }[] };
  const [answer] = content ?? [];
  if (answer === undefined) throw new Error(text);
  return answer.text.startsWith('{')
    ? ((JSON.parse(answer.text) as Record<string, string>)['TOKEN'] ?? 'none')
    : answer.text;
}

/** The first call that a server answered with this secret. */
async function firstWith(load: Load, digest: string): Promise<Call> {
  return expect
    .poll(() => load.calls.find((call) => call.digest === digest), { timeout: 30_000, interval: 20 })
    .toBeDefined()
    .then(() => load.calls.find((call) => call.digest === digest) as Call);
}

/** Another key, and any other is refused from now on. Gives the digest of its header. */
function changeKey(): string {
  key = randomUUID();
  clouds.amazon.set('prod/key', key);
  remote.accepted.clear();
  remote.accepted.add(`Bearer ${key}`);
  return digestOf(`Bearer ${key}`);
}

/** Waits until this many more calls were answered. */
function more(load: Load, count: number): Promise<void> {
  const goal = load.calls.length + count;
  return expect.poll(() => load.calls.length, { timeout: 20_000, interval: 20 }).toBeGreaterThan(goal);
}

/** Calls that were sent after the first one with the new secret was answered, and had another one. */
function stragglers(load: Load, first: Call): readonly Call[] {
  return load.of(first.tool).filter(({ sent, digest }) => sent > first.answered && digest !== first.digest);
}

describe('secrets of real clients, rotated under a hundred calls a second', () => {
  it('fail no call and are in use within the interval, again and again; the old ones are gone', async () => {
    const reads = (): readonly number[] => [clouds.google.reads.length, clouds.amazon.reads('prod/key')];
    const before = reads();
    const load = await callAllTheTime();
    await more(load, 100);
    const took = { child: [] as number[], remote: [] as number[] };
    const starts: number[] = [];
    for (let rotation = 0; rotation < ROTATIONS; rotation += 1) {
      token = randomUUID();
      key = randomUUID();
      // As a rotation is made: the new key is accepted before anybody is told, the old one until everybody knows.
      remote.accepted.add(`Bearer ${key}`);
      // oxlint-disable-next-line no-await-in-loop -- before what it is compared with
      starts.push(Math.round(await timeOfStart()));
      const changed = fairNow();
      clouds.google.set('token', token);
      clouds.amazon.set('prod/key', key);
      // oxlint-disable-next-line no-await-in-loop -- one rotation after the other
      const [child, other] = await Promise.all([
        firstWith(load, digestOf(token)),
        firstWith(load, digestOf(`Bearer ${key}`)),
      ]);
      took.child.push(Math.round(child.answeredFairly - changed));
      took.remote.push(Math.round(other.answeredFairly - changed));
      // oxlint-disable-next-line no-await-in-loop -- see above
      await more(load, 150);
      expect([...stragglers(load, child), ...stragglers(load, other)]).toEqual([]);
      for (const accepted of remote.accepted) if (accepted !== `Bearer ${key}`) remote.accepted.delete(accepted);
    }
    await more(load, 100);
    const elapsed = load.elapsed();
    await load.stop();
    const made = reads().map((now, index) => now - (before[index] ?? 0));
    console.log(`${load.calls.length} calls in ${Math.round(elapsed)} ms, ${load.failures.length} failed;`, {
      took,
      starts,
      made,
    });
    expect(load.failures).toEqual([]);
    expect(remote.refused()).toBe(0);
    for (const tool of ['child__report', 'remote__which']) {
      expect(load.of(tool).length).toBeGreaterThan((elapsed / 1_000) * RATE * 0.9);
    }
    expect(Math.max(...took.remote)).toBeLessThan(IN_PLACE);
    for (const [rotation, start] of starts.entries()) expect(took.child[rotation]).toBeLessThan(withStart(start));
    // One at each look, and one more when the other secret of a rotation has changed.
    for (const count of made) expect(count).toBeLessThan((elapsed / INTERVAL) * 1.5 + 2 * ROTATIONS + 2);
  });

  it('that a server refuses at once are read at once, and no call fails', async () => {
    const load = await callAllTheTime();
    await more(load, 100);
    const revoked = fairNow();
    const first = await firstWith(load, changeKey());
    await more(load, 100);
    await load.stop();
    console.log(
      `revoked at once: in use after ${Math.round(first.answeredFairly - revoked)} ms, ${remote.refused()} refused`,
    );
    expect(load.failures).toEqual([]);
    expect(stragglers(load, first)).toEqual([]);
    expect(remote.refused()).toBeGreaterThan(0);
    expect(first.answeredFairly - revoked).toBeLessThan(INTERVAL / 2);
  });

  it('that come only after the old one was refused are in use with the next look, though calls have failed', async () => {
    const load = await callAllTheTime();
    await more(load, 100);
    const refused = remote.refused();
    remote.accepted.clear();
    // More in a row than a server may fail before it is spared.
    await expect.poll(() => remote.refused(), { timeout: 20_000, interval: 10 }).toBeGreaterThan(refused + 5);
    const changed = fairNow();
    const first = await firstWith(load, changeKey());
    await more(load, 100);
    await load.stop();
    console.log(`refused before: in use after ${Math.round(first.answeredFairly - changed)} ms`);
    expect(load.failures.length).toBeGreaterThan(5);
    expect(stragglers(load, first)).toEqual([]);
    expect(first.answeredFairly - changed).toBeLessThan(IN_PLACE);
  });

  it('leave no value behind', async () => {
    const pages = await Promise.all(['v1/secrets', 'metrics', 'readyz'].map((page) => exchange(`${host.url}/${page}`)));
    const seen = pages.map(({ text }) => text).join('') + host.output();
    for (const value of [token, key]) expect(seen).not.toContain(value);
    expect(JSON.parse(pages[2]?.text ?? '')).toMatchObject({ secrets: { stale: [], failing: [], rotations: [] } });
  });
});
