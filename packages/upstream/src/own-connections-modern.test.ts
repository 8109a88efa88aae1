import { describe, expect, it } from 'vitest';
import { Payload } from '@hostler/kernel';
import type { Client, Outcome } from '@hostler/kernel';
import { settle } from '@hostler/test-kit';
import { makePool, makeSpec } from '../test/support/fake-connector.ts';
import type { Attempt, FakePool } from '../test/support/fake-connector.ts';
import { askableClient, callTool, makeSession } from '../test/support/make-exchange.ts';
import { upstreamErrors } from './errors.ts';
import type { ConnectionUser } from './pool.ts';

const client: Client = {
  era: 'modern',
  protocolVersion: '2026-07-28',
  info: { name: 'editor', version: '1' },
  capabilities: { elicitation: { url: {} }, roots: { listChanged: true } },
};

function user(changes: Partial<Client> = {}, consumer = 'alice', method = 'tools/call'): ConnectionUser {
  return { consumer: { name: consumer }, client: { ...client, ...changes }, request: { method } };
}

async function started(
  prepare: (attempt: Attempt) => void = (attempt) => attempt.succeed(),
  options: Parameters<typeof makePool>[2] = {},
): Promise<FakePool> {
  const made = makePool([makeSpec('a', { interactive: true })], prepare, options);
  await made.pool.start();
  return made;
}

describe('modern clients that can be asked', () => {
  it('share a connection of their own when they are of one consumer and describe themselves alike', async () => {
    const { pool, attempts } = await started();
    const [one, two] = [await pool.connection('a', user()), await pool.connection('a', user())];
    expect(one).toBe(two);
    expect(attempts).toHaveLength(2);
    expect(attempts[1]?.context.client).toMatchObject({
      info: { name: 'editor', version: '1' },
      capabilities: { elicitation: { url: {} }, roots: {} },
    });
    expect(attempts[1]?.context.client?.capabilities['roots']).toEqual({});
  });

  it.each([
    ['another consumer', user({}, 'bob')],
    ['other capabilities', user({ capabilities: { elicitation: {} } })],
    ['another name', user({ info: { name: 'other', version: '1' } })],
  ])('do not share it with %s', async (_, other) => {
    const { pool } = await started();
    expect(await pool.connection('a', other)).not.toBe(await pool.connection('a', user()));
  });

  it.each([
    ['lists', user({}, 'alice', 'tools/list')],
    ['a description', { consumer: { name: 'alice' }, client }],
    ['a client that declares nothing', user({ capabilities: {} })],
  ])('use the shared one for %s', async (_, other) => {
    const { pool, attempts } = await started();
    await pool.connection('a', other);
    expect(attempts).toHaveLength(1);
  });

  it('use the modern connection of a server that speaks both eras', async () => {
    const { pool, attempts } = await started((attempt) => {
      attempt.era = 'modern';
      attempt.succeed();
    });
    expect(await pool.connection('a', user())).toMatchObject({ era: 'modern' });
    expect(attempts).toHaveLength(1);
  });

  it('use the shared one of a server that is not interactive', async () => {
    const { pool, attempts } = makePool([makeSpec('a')], (attempt) => attempt.succeed());
    await pool.start();
    await pool.connection('a', user());
    expect(attempts).toHaveLength(1);
  });

  it('hear of changed lists over the shared one only: their lists come from there', async () => {
    const { pool, events, last } = await started();
    await pool.connection('a', user());
    const before = events.length;
    last().context.onNotification({ method: 'notifications/tools/list_changed' });
    expect(events).toHaveLength(before);
  });

  it('lose an unused one, longest unused first, when there are too many; those in use and those of sessions stay', async () => {
    const { pool, clock, attempts } = await started(undefined, { limits: { ownConnections: 3 } });
    const of = (name: string) => user({ info: { name } });
    const busy = await pool.connection('a', of('busy'));
    const answer = Promise.withResolvers<Outcome>();
    attempts[1]!.respond = () => answer.promise;
    const outcome = busy.request(callTool('x'));
    await pool.connection('a', { consumer: { name: 'alice' }, client: askableClient(makeSession('s1')) });
    await clock.pass(10);
    await pool.connection('a', of('idle'));
    await pool.connection('a', of('next'));
    expect(attempts.map(({ isClosed }) => isClosed)).toEqual([false, false, false, true, false]);
    const used = await pool.connection('a', of('next'));
    void used.request(callTool('x'));
    attempts[4]!.respond = () => answer.promise;
    void used.request(callTool('x'));
    await settle();
    expect(() => pool.connection('a', of('more'))).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_OVERLOADED' }) as Error,
    );
    answer.resolve({ kind: 'result', era: 'legacy', payload: Payload.of({}) });
    await outcome;
  });

  it('lose it when it was not used for the idle time', async () => {
    const { pool, clock, attempts } = await started(undefined, { limits: { ownIdle: 1_000 } });
    await pool.connection('a', user());
    await clock.pass(1_000);
    expect(attempts[1]?.isClosed).toBe(true);
  });

  it('leave nothing behind of attempts that failed', async () => {
    const crashed = upstreamErrors.UNAVAILABLE({ details: { server: 'a', problem: 'No.' } });
    const { pool, clock, attempts } = await started((attempt) =>
      attempt.context.client ? attempt.fail(crashed) : attempt.succeed(),
    );
    const attemptAs = (name: string) => Promise.resolve(pool.connection('a', user({ info: { name } })));
    await expect(attemptAs('one')).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(() => pool.connection('a', user({ info: { name: 'one' } }))).toThrow(
      expect.objectContaining({ code: 'UPSTREAM_UNAVAILABLE' }) as Error,
    );
    expect(attempts).toHaveLength(2);
    await clock.pass(1_000);
    await expect(attemptAs('two')).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await expect(attemptAs('one')).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await pool.close();
    expect(clock.pending).toBe(0);
  });
});
