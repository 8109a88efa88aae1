import { alive, callModern, descendants, openLegacySession } from '@hostler/test-kit';
import type { LegacySession } from '@hostler/test-kit';
import type { UpstreamState, UpstreamStatus } from '@hostler/upstream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { chaosSpec } from './chaos-spec.ts';

let served: Served;
let faulty: LegacySession;
let healthy: LegacySession;

beforeAll(async () => {
  served = await servePlan([
    chaosSpec('faulty', [], 2_000),
    chaosSpec('healthy'),
    chaosSpec('stubborn', ['--ignore-sigterm', '--ignore-stdin-close']),
    chaosSpec('noisy', ['--flood-stderr-on-start']),
    chaosSpec('dying', ['--exit-on-start=3']),
    chaosSpec('rusty', ['--exit-on-discover']),
  ]);
});

afterAll(() => served?.close());

beforeEach(async () => {
  faulty = await openLegacySession(`${served.url}/servers/faulty/mcp`);
  healthy = await openLegacySession(`${served.url}/servers/healthy/mcp`);
});

interface ErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly code: string; readonly requestId: string; readonly mayHaveRun?: boolean };
}

async function call(session: LegacySession, name: string, args: Record<string, unknown> = {}) {
  const answer = await session.call('tools/call', { name, arguments: args });
  const message = answer.messages.find(({ id }) => id !== undefined) as {
    result?: { content: { text: string }[]; structuredContent?: Record<string, unknown> };
    error?: ErrorObject;
  };
  return message;
}

/** The same call on a server that has no part in the fault, while the fault lasts. */
async function expectOthersUnaffected(): Promise<void> {
  expect((await call(healthy, 'ok')).result?.content[0]?.text).toBe('ok');
}

describe('a server that fails in the middle of a call', () => {
  it.each([
    ['crash', {}],
    ['crash-mid-write', {}],
  ])('%s: the caller learns that it may have run, and the next call works', async (tool, args) => {
    const [answer] = await Promise.all([call(faulty, tool, args), expectOthersUnaffected()]);
    expect(answer.error).toMatchObject({ code: -32010, data: { code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: true } });
    expect(answer.error?.data.requestId).toEqual(expect.any(String));
    await untilState('faulty', 'up');
    expect((await call(faulty, 'ok')).result?.content[0]?.text).toBe('ok');
  });

  it('hang: the caller gets a time-out at the deadline, the call is cancelled, the server lives on', async () => {
    const [answer] = await Promise.all([call(faulty, 'hang'), expectOthersUnaffected()]);
    expect(answer.error).toMatchObject({ code: -32011, data: { code: 'UPSTREAM_TIMEOUT', mayHaveRun: true } });
    const statistics = (await call(faulty, 'stats')).result?.structuredContent;
    expect(JSON.stringify(statistics)).toMatch(/cancel/i);
  });

  it('a line without an end: the call fails with the bound, the memory is freed, the server starts again', async () => {
    const [answer] = await Promise.all([
      call(faulty, 'endless-line', { bytes: 20 * 1024 * 1024 }),
      expectOthersUnaffected(),
    ]);
    expect(answer.error).toMatchObject({ code: -32018, data: { code: 'UPSTREAM_RESULT_TOO_LARGE' } });
    await untilState('faulty', 'up');
    expect((await call(faulty, 'ok')).result?.content[0]?.text).toBe('ok');
  });

  it('an answer under an id that nobody asked with is never delivered', async () => {
    expect((await call(faulty, 'wrong-id')).error).toMatchObject({ code: -32011 });
  });

  it('a second answer to the same call is dropped', async () => {
    expect((await call(faulty, 'duplicate-id')).result?.content[0]?.text).toBe('first');
    expect((await call(faulty, 'ok')).result?.content[0]?.text).toBe('ok');
  });

  it('garbage on stdout before the answer does not matter and is reported with the name of the server', async () => {
    expect((await call(faulty, 'garbage')).result?.content[0]?.text).toBe('after the garbage');
    expect(served.log()).toMatch(/"server":"faulty".*/);
  });

  it('a flood on stderr does not block the call', async () => {
    const [answer] = await Promise.all([
      call(faulty, 'stderr-flood', { bytes: 20 * 1024 * 1024 }),
      expectOthersUnaffected(),
    ]);
    expect(answer.result?.content[0]?.text).toBe('flooded');
  });

  it('a huge but bounded answer passes whole', async () => {
    expect((await call(faulty, 'huge', { bytes: 4_000_000 })).result?.content[0]?.text.length).toBe(4_000_000);
  });

  it('a deeply nested answer is refused, not parsed', async () => {
    expect((await call(faulty, 'deep', { n: 100_000 })).error?.data.code).toMatch(/^UPSTREAM_/);
  });
});

describe('a server that fails at the start', () => {
  it('stays out of the way of the others, and says why', async () => {
    const state = await untilState('dying', 'down');
    expect(state).toMatchObject({ problemCode: 'UPSTREAM_UNAVAILABLE', problem: expect.any(String) });
  });

  it('one that exits on the modern probe is started again and served', async () => {
    const session = await openLegacySession(`${served.url}/servers/rusty/mcp`);
    expect((await call(session, 'ok')).result?.content[0]?.text).toBe('ok');
  });

  it('one that floods stderr while starting is up', async () => {
    const session = await openLegacySession(`${served.url}/servers/noisy/mcp`);
    expect((await call(session, 'ok')).result?.content[0]?.text).toBe('ok');
  });

  it('calls to one that is down fail at once, in both eras', async () => {
    const answer = await callModern(`${served.url}/servers/dying/mcp`, 'tools/call', { name: 'ok', arguments: {} });
    expect(answer.messages[0]?.['error']).toMatchObject({ code: -32010, data: { code: 'UPSTREAM_UNAVAILABLE' } });
  });
});

describe('processes', () => {
  it('a stubborn server with a grandchild is gone after the host has closed, with every other', async () => {
    const own = await servePlan([
      chaosSpec('stubborn', ['--ignore-sigterm', '--ignore-stdin-close']),
      chaosSpec('forking'),
    ]);
    const forking = await openLegacySession(`${own.url}/servers/forking/mcp`);
    const forked = await call(forking, 'fork-grandchild');
    const before = new Set(descendants(process.pid));
    const pids = Object.values(forked.result?.structuredContent ?? {}).filter((pid) => typeof pid === 'number');
    expect(pids.length).toBeGreaterThan(0);
    expect(pids.every((pid) => alive(pid) && before.has(pid))).toBe(true);
    await own.close();
    expect(pids.filter(alive)).toEqual([]);
  });
});

/** Waits for the event, not for time: a server that is down is tried again and again. */
async function untilState(name: string, status: UpstreamStatus): Promise<UpstreamState> {
  const { promise, resolve } = Promise.withResolvers<UpstreamState>();
  const look = (): void => {
    const found = served.runtime.readiness().servers.find((state) => state.name === name && state.status === status);
    if (found) resolve(found);
  };
  const stop = served.runtime.onEvent(look);
  look();
  try {
    return await promise;
  } finally {
    stop();
  }
}
