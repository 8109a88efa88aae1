import { secretErrors } from '@hostler/secrets';
import { describe, expect, it } from 'vitest';
import { settle } from '@hostler/test-kit';
import { makePool, makeSpec } from '../test/support/fake-connector.ts';
import type { Attempt, FakePool } from '../test/support/fake-connector.ts';
import { plainClient, userOf } from '../test/support/make-exchange.ts';
import type { StartPhase } from './connection.ts';
import { upstreamErrors } from './errors.ts';

const STEPS: readonly StartPhase[] = ['resolving', 'connecting', 'initialising'];
const ill = upstreamErrors.UNAVAILABLE({ details: { server: 'a', problem: 'It is ill.' } });
const phase = ({ pool }: FakePool): string | undefined => pool.states()[0]?.phase;

describe('the phases of a server', () => {
  it('are those of its start, in their order', async () => {
    const made = makePool([makeSpec('a')]);
    const seen = [phase(made)];
    void made.pool.start();
    await settle();
    for (const step of STEPS) {
      made.last().context.onPhase?.(step);
      seen.push(phase(made));
    }
    made.last().succeed();
    await settle();
    seen.push(phase(made));
    expect(seen).toEqual(['pending', ...STEPS, 'ready']);
  });

  it('are closing and closed when it is stopped', async () => {
    const held = Promise.withResolvers<void>();
    const made = makePool([makeSpec('a')], (attempt) => {
      attempt.closing = held.promise;
      attempt.succeed();
    });
    await made.pool.start();
    const closed = made.pool.close();
    expect(phase(made)).toBe('closing');
    held.resolve();
    await closed;
    expect(phase(made)).toBe('closed');
  });

  it('are closing and closed between two attempts', async () => {
    const held = Promise.withResolvers<void>();
    const made = makePool([makeSpec('a')], (attempt) => {
      attempt.closing = held.promise;
      attempt.succeed();
    });
    await made.pool.start();
    made.last().crash(ill);
    expect(made.pool.states()).toMatchObject([{ status: 'down', phase: 'closing' }]);
    held.resolve();
    await settle();
    expect(made.pool.states()).toMatchObject([{ status: 'down', phase: 'closed' }]);
    await made.clock.pass(1_000);
    expect(made.pool.states()).toMatchObject([{ status: 'up', phase: 'ready' }]);
  });

  it('do not heed what a transport says after its attempt has ended', async () => {
    const made = makePool([makeSpec('a')], (attempt) => attempt.fail(ill));
    await made.pool.start();
    made.last().context.onPhase?.('initialising');
    expect(phase(made)).toBe('closed');
  });
});

describe('a start that fails', () => {
  it.each(STEPS)('at %s leaves nothing behind but the next attempt, and shows its reason meanwhile', async (step) => {
    const made = makePool([makeSpec('a')], (attempt: Attempt) => attempt.context.onPhase?.(step));
    const starting = made.pool.start();
    await settle();
    expect(phase(made)).toBe(step);
    made.last().fail(ill);
    await starting;
    expect(made.pool.states()).toMatchObject([{ status: 'down', phase: 'closed', problem: 'It is ill.' }]);
    expect(made.clock.pending).toBe(1);
    await made.clock.pass(1_000);
    expect(made.pool.states()).toMatchObject([
      { status: 'starting', phase: step, problem: 'It is ill.', problemCode: 'UPSTREAM_UNAVAILABLE' },
    ]);
    made.last().succeed();
    await settle();
    const [state] = made.pool.states();
    expect(state).toMatchObject({ status: 'up', phase: 'ready' });
    expect(state?.problem).toBeUndefined();
    await made.pool.close();
    expect(made.clock.pending).toBe(0);
  });

  it('for want of a secret says so while it is tried again', async () => {
    const made = makePool([makeSpec('a')], (attempt) => {
      if (made.attempts.length === 1) attempt.fail(secretErrors.NOT_FOUND({ details: { reference: 'env://X' } }));
    });
    await made.pool.start();
    await made.clock.pass(1_000);
    expect(made.pool.states()).toMatchObject([{ status: 'starting', problemCode: 'SECRET_NOT_FOUND' }]);
  });
});

describe('a server that keeps crashing', () => {
  it('is not waited for while it is tried once more, and is back when that succeeds', async () => {
    const made = makePool([makeSpec('a')]);
    void made.pool.start();
    for (let crash = 1; crash <= 5; crash += 1) {
      while (made.attempts.length < crash) await made.clock.pass(500);
      await settle();
      made.last().fail(ill);
      await settle();
    }
    while (made.attempts.length < 6) await made.clock.pass(500);
    expect(made.pool.states()).toMatchObject([
      { status: 'starting', phase: 'resolving', problem: expect.stringMatching(/^It is ill\. It failed five times/) },
    ]);
    expect(() => made.pool.connection('a', userOf(plainClient))).toThrow('not available');
    made.last().succeed();
    await settle();
    expect(made.pool.connection('a', userOf(plainClient))).not.toBeInstanceOf(Promise);
    made.last().crash(ill);
    await made.clock.pass(59_000);
    expect(made.attempts).toHaveLength(6);
    await made.clock.pass(1_000);
    expect(made.attempts).toHaveLength(7);
  });
});
