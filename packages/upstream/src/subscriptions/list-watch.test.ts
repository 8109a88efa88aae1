import type { Exchange, Outcome } from '@hostler/kernel';
import { Payload } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { settle } from '@hostler/test-kit';
import { makePool, makeSpec } from '../../test/support/fake-connector.ts';
import type { Attempt } from '../../test/support/fake-connector.ts';

const acknowledged = { method: 'notifications/subscriptions/acknowledged', params: {} };
const changed = {
  method: 'notifications/tools/list_changed',
  params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 3 } },
};

interface Listening {
  readonly exchange: Exchange;
  readonly outcome: ReturnType<typeof Promise.withResolvers<Outcome>>;
}

async function startModern(capabilities: Attempt['capabilities']) {
  const listens: Listening[] = [];
  const made = makePool([makeSpec('a')], (attempt) => {
    attempt.era = 'modern';
    attempt.capabilities = capabilities;
    attempt.respond = (exchange) => {
      const outcome = Promise.withResolvers<Outcome>();
      listens.push({ exchange, outcome });
      return outcome.promise;
    };
    attempt.succeed();
  });
  await made.pool.start();
  const notifications = (): unknown[] =>
    made.events.flatMap((event) => (event.kind === 'notification' ? [event.notification] : []));
  return { ...made, listens, notifications };
}

describe('the lists of a modern server', () => {
  it('are subscribed to, as far as the server says that they change', async () => {
    const { listens, notifications } = await startModern({ tools: { listChanged: true }, prompts: {} });
    expect(listens.map(({ exchange }) => exchange.request)).toEqual([
      { method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true } } },
    ]);
    listens[0]?.exchange.notify(acknowledged);
    listens[0]?.exchange.notify(changed);
    expect(notifications()).toEqual([{ method: 'notifications/tools/list_changed', params: {} }]);
  });

  it('are not subscribed to when they never change', async () => {
    const { listens } = await startModern({ tools: {} });
    expect(listens).toEqual([]);
  });

  it('are subscribed to again when the subscription ends, and taken for changed', async () => {
    const { listens, notifications, clock } = await startModern({ tools: { listChanged: true } });
    listens[0]?.exchange.notify(acknowledged);
    listens[0]?.outcome.resolve({ kind: 'result', era: 'modern', payload: Payload.of({}) });
    await clock.pass(1_000);
    expect(listens).toHaveLength(2);
    listens[1]?.exchange.notify(acknowledged);
    expect(notifications()).toEqual([{ method: 'notifications/tools/list_changed', params: {} }]);
  });

  it('are left alone when the server refuses the subscription', async () => {
    const { listens, clock } = await startModern({ tools: { listChanged: true } });
    listens[0]?.outcome.resolve({ kind: 'error', era: 'modern', payload: Payload.of({ code: -32601 }) });
    await clock.pass(1_000_000);
    expect(listens).toHaveLength(1);
  });

  it('are no longer watched when the pool is closed', async () => {
    const { listens, clock, pool } = await startModern({ tools: { listChanged: true } });
    await pool.close();
    expect(listens[0]?.exchange.signal.aborted).toBe(true);
    listens[0]?.outcome.reject(new Error('closed'));
    await settle();
    expect(clock.pending).toBe(0);
  });
});
