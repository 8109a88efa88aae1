import { describe, expect, it } from 'vitest';
import { makePool, makeSpec } from '../test/support/fake-connector.ts';
import type { Attempt } from '../test/support/fake-connector.ts';
import { askableClient, makeSession, plainClient, userOf } from '../test/support/make-exchange.ts';
import { upstreamErrors } from './errors.ts';
import { hostAsClient } from './host-info.ts';

const spec = makeSpec('a', { interactive: true });
const speaksBoth = (attempt: Attempt): void => {
  attempt.era = attempt.context.spec.era === 'legacy' ? 'legacy' : 'modern';
  attempt.succeed();
};
const modernOnly = (attempt: Attempt): void => {
  attempt.era = 'modern';
  if (attempt.context.spec.era === 'legacy') attempt.fail(upstreamErrors.PROTOCOL({ details: { server: 'a' } }));
  else attempt.succeed();
};

describe('a server that was found to be modern', () => {
  it('serves modern clients with its shared connection', async () => {
    const { pool, attempts } = makePool([spec], speaksBoth);
    await pool.start();
    expect(await pool.connection('a', userOf(hostAsClient))).toMatchObject({ era: 'modern' });
    expect(attempts).toHaveLength(1);
  });

  it('serves legacy clients in their era when it speaks that too', async () => {
    const { pool, attempts } = makePool([spec], speaksBoth);
    await pool.start();
    const [one, two] = await Promise.all([
      pool.connection('a', userOf(plainClient)),
      pool.connection('a', userOf(plainClient)),
    ]);
    expect(one).toMatchObject({ era: 'legacy' });
    expect(two).toBe(one);
    const own = await pool.connection('a', userOf(askableClient(makeSession('s1'))));
    expect(own).toMatchObject({ era: 'legacy' });
    expect(own).not.toBe(one);
    expect(attempts.map(({ context }) => context.spec.era)).toEqual(['auto', 'legacy', 'legacy']);
    await pool.close();
    expect(attempts.every(({ isClosed }) => isClosed)).toBe(true);
  });

  it('serves all clients with its modern connection when it speaks nothing else, and is asked again only after ten minutes', async () => {
    const { pool, attempts, clock } = makePool([spec], modernOnly);
    await pool.start();
    const modern = pool.connection('a', userOf(hostAsClient));
    expect(await pool.connection('a', userOf(plainClient))).toBe(modern);
    await clock.pass(500_000);
    expect(await pool.connection('a', userOf(askableClient(makeSession('s1'))))).toBe(modern);
    expect(attempts).toHaveLength(2);
    await clock.pass(500_000);
    expect(await pool.connection('a', userOf(plainClient))).toBe(modern);
    expect(attempts).toHaveLength(3);
    await pool.close();
    expect(clock.pending).toBe(0);
  });
});
