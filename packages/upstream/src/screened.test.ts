import type { Exchange, JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../test/support/failure-of.ts';
import { makePool, makeSpec } from '../test/support/fake-connector.ts';
import type { FakePool } from '../test/support/fake-connector.ts';
import { askableClient, callTool, makeSession, plainClient, userOf } from '../test/support/make-exchange.ts';
import { LEAKED, MASK, RecordingScreen, REFUSED } from '../test/support/recording-screen.ts';
import type { ConnectionUser } from './pool.ts';

const user = userOf(plainClient);
const modern = userOf({ ...plainClient, era: 'modern' });

interface Screened extends FakePool {
  readonly screen: RecordingScreen;
  readonly screened: string[];
  request(exchange: Exchange, user?: ConnectionUser): Promise<unknown>;
  sent(): JsonObject | undefined;
}

async function started(era: 'legacy' | 'modern' = 'legacy'): Promise<Screened> {
  const screen = new RecordingScreen();
  const screened: string[] = [];
  const made = makePool(
    [makeSpec('a', { interactive: true })],
    (attempt) => {
      attempt.era = era;
      attempt.succeed();
    },
    {
      screen: (spec) => {
        screened.push(spec.name);
        return screen;
      },
    },
  );
  await made.pool.start();
  return {
    ...made,
    screen,
    screened,
    request: async (exchange, for_ = user) => (await made.pool.connection('a', for_)).request(exchange),
    sent: () => made.attempts.flatMap(({ requests }) => requests).at(-1)?.request.params,
  };
}

describe('what a client sends to a server', () => {
  it('is shown to the screen of that server once, and passes as the same object', async () => {
    const made = await started();
    const exchange = callTool('x', { text: 'plain' });
    await made.request(exchange);
    expect(made.screened).toEqual(['a']);
    expect(made.screen.sent).toEqual([exchange.request.params]);
    expect(made.last().requests).toEqual([exchange]);
    expect(made.last().requests[0]).toBe(exchange);
    await made.pool.close();
  });

  it('arrives masked; everything else of the exchange is as it was', async () => {
    const made = await started();
    const exchange = callTool('x', { text: `the ${LEAKED}` });
    await made.request(exchange);
    expect(made.sent()).toEqual({ name: 'x', arguments: { text: `the ${MASK}` } });
    expect(made.last().requests[0]).toMatchObject({ id: exchange.id, client: exchange.client });
    await made.pool.close();
  });

  it('is refused with SECRET_LEAK before anything is sent, which says nothing against the server', async () => {
    const made = await started();
    for (let call = 0; call < 10; call += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await failureOf(made.request(callTool('x', { text: REFUSED })))).toMatchObject({ code: 'SECRET_LEAK' });
    }
    expect(made.last().requests).toEqual([]);
    expect(made.pool.states()).toMatchObject([{ status: 'up', phase: 'ready' }]);
    await made.pool.close();
  });

  it.each([LEAKED, 'plain'])('loses headers that hold what was hidden (%s in the arguments)', async (text) => {
    const made = await started('modern');
    const mirrored = { ...callTool('x', { text }), parameterHeaders: { 'mcp-param-text': `a ${text}` } };
    await made.request(mirrored, modern);
    expect(made.last().requests[0]?.parameterHeaders).toEqual(
      text === LEAKED ? undefined : { 'mcp-param-text': 'a plain' },
    );
    await made.pool.close();
  });

  it('is looked at in headers alone, too', async () => {
    const made = await started('modern');
    const hidden = { ...callTool('x'), parameterHeaders: { 'mcp-param-text': REFUSED } };
    expect(await failureOf(made.request(hidden, modern))).toMatchObject({ code: 'SECRET_LEAK' });
    await made.pool.close();
  });

  it('is looked at on connections of a client’s own, and in notifications and subscriptions', async () => {
    const made = await started();
    const own = userOf(askableClient(makeSession('s1')));
    expect(await failureOf(made.request(callTool('x', { text: REFUSED }), own))).toMatchObject({ code: 'SECRET_LEAK' });
    expect(made.attempts).toHaveLength(2);
    made.pool.notify('s1', { method: 'notifications/x', params: { text: LEAKED } });
    made.pool.notify('s1', { method: 'notifications/y', params: { text: REFUSED } });
    expect(made.attempts[1]?.told).toEqual(['notifications/x']);
    expect(made.log.of('warn').at(-1)).toMatchObject({ fields: { method: 'notifications/y' } });
    expect(await failureOf(made.pool.subscribe('a', `file:///${REFUSED}`, user, () => {}))).toMatchObject({
      code: 'SECRET_LEAK',
    });
    await made.pool.close();
  });
});
