import { Payload } from '@hostler/kernel';
import type { Consumer, OAuthSpec, UpstreamSpec } from '@hostler/kernel';
import { defineErrors } from '@hostler/kernel';
import { Secret } from '@hostler/secrets';
import { settle } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { makePool, makeSpec } from '../test/support/fake-connector.ts';
import type { Attempt, FakePool } from '../test/support/fake-connector.ts';
import { callTool, plainClient } from '../test/support/make-exchange.ts';
import { defaultUpstreamLimits } from './limits.ts';
import type { ConnectionUser } from './pool.ts';

const never = new AbortController().signal;
const env = { TOKEN: { secret: 'mem://{sub}/token' }, SHARED: { secret: 'mem://shared' }, PLAIN: 'x' };
const stdio = { kind: 'stdio', command: 'x', args: [], cwd: '/', env } as const;

function caller(sub: string, name = 'people'): Consumer {
  return { name, identity: { method: 'jwt', issuer: 'i', subject: sub, claims: { sub } } };
}

function userOf(sub: string, name?: string): ConnectionUser {
  return { consumer: caller(sub, name), client: plainClient };
}

/** Connections read the secrets that their spec names, as those to real servers do. */
function rig(
  changes: Partial<UpstreamSpec> = {},
  prepare: (attempt: Attempt) => void = (attempt) => attempt.succeed(),
) {
  const values = new Map<string, string>();
  const screened: string[][] = [];
  const made = makePool(
    [makeSpec('a', { transport: stdio, ...changes })],
    (attempt) => {
      const { transport } = attempt.context.spec;
      const settings = transport.kind === 'stdio' ? transport.env : {};
      const read = Object.values(settings).map(async (one) =>
        typeof one === 'string' ? undefined : attempt.context.secrets.resolve(one.secret, attempt.context.signal),
      );
      void Promise.all(read).then(() => prepare(attempt));
    },
    {
      secrets: {
        resolve: async (reference) => new Secret(values.get(reference) ?? `value of ${reference}`, { reference }),
        expire: () => undefined,
      },
      screen: ({ transport }) => {
        if (transport.kind === 'stdio')
          screened.push(Object.values(transport.env).flatMap((one) => (typeof one === 'string' ? [] : [one.secret])));
        return { incoming: (message) => message, outgoing: (value) => value };
      },
    },
  );
  return { ...made, values, screened };
}

const envOf = ({ context: { spec } }: Attempt): unknown => spec.transport.kind === 'stdio' && spec.transport.env;

async function closedAfter({ clock, attempts }: FakePool, milliseconds: number): Promise<boolean[]> {
  await clock.pass(milliseconds);
  await settle();
  await clock.pass(100);
  await settle();
  return attempts.map(({ isClosed }) => isClosed);
}

describe('a server with credentials of each caller', () => {
  it('opens nothing before somebody calls, and then one connection for each set of credentials', async () => {
    const made = rig();
    await made.pool.start();
    expect(made.attempts).toHaveLength(0);
    expect(made.pool.states()).toMatchObject([{ status: 'up', phase: 'closed' }]);
    const [ann, bob, again, other] = await Promise.all([
      made.pool.connection('a', userOf('ann')),
      made.pool.connection('a', userOf('bob')),
      made.pool.connection('a', userOf('ann')),
      made.pool.connection('a', userOf('ann', 'others')),
    ]);
    expect(again).toBe(ann);
    // The same references are the same credentials, whoever they were expanded for.
    expect(other).toBe(ann);
    expect(bob).not.toBe(ann);
    expect(made.attempts.map(envOf)).toEqual([
      { TOKEN: { secret: 'mem://ann/token' }, SHARED: { secret: 'mem://shared' }, PLAIN: 'x' },
      { TOKEN: { secret: 'mem://bob/token' }, SHARED: { secret: 'mem://shared' }, PLAIN: 'x' },
    ]);
    expect(made.screened).toEqual([
      ['mem://ann/token', 'mem://shared'],
      ['mem://bob/token', 'mem://shared'],
    ]);
    expect(made.pool.states()).toMatchObject([{ status: 'up', phase: 'ready' }]);
    expect(made.pool.runningSpecs('a')).toHaveLength(2);
    // Without a promise once it is there.
    expect(made.pool.connection('a', userOf('ann'))).toBe(ann);
    await made.pool.close();
    expect(made.attempts.every(({ isClosed }) => isClosed)).toBe(true);
  });

  it('refuses a caller whose claims make no reference, and opens nothing for it', async () => {
    const made = rig();
    await made.pool.start();
    for (const consumer of [caller('../bob'), { name: 'hostler' }, { name: 'k', identity: { method: 'key' } }]) {
      expect(() => made.pool.connection('a', { consumer, client: plainClient })).toThrow(
        expect.objectContaining({ code: 'SECRET_CLAIM_REFUSED' }) as Error,
      );
      expect(made.pool.source('a', { consumer, client: plainClient })).toBe('refused/');
    }
    expect(made.attempts).toHaveLength(0);
    await made.pool.close();
  });

  it('tells what a connection says under a source of its own', async () => {
    const made = rig({}, (attempt) => {
      attempt.capabilities = { tools: { listChanged: true } };
      attempt.succeed();
    });
    await made.pool.start();
    await made.pool.connection('a', userOf('ann'));
    await made.pool.connection('a', userOf('bob'));
    made.attempts[0]!.context.onNotification({ method: 'notifications/tools/list_changed' });
    const told = made.events.filter((event) => event.kind === 'notification');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ source: made.pool.source('a', userOf('ann')) });
    expect(made.pool.source('a', userOf('bob'))).not.toBe(made.pool.source('a', userOf('ann')));
    expect(made.pool.credentialsOf(caller('ann'))).not.toBe(made.pool.credentialsOf(caller('bob')));
    expect(made.pool.source('a', userOf('ann'))).not.toContain('ann');
    await made.pool.close();
  });

  it('starts again with the next call what has failed or ended, for its caller alone', async () => {
    let isBroken = true;
    const made = rig({}, (attempt) => {
      if (isBroken && JSON.stringify(envOf(attempt)).includes('bob')) attempt.fail(new Error('no'));
      else attempt.succeed();
    });
    await made.pool.start();
    await made.pool.connection('a', userOf('ann'));
    await expect((async () => made.pool.connection('a', userOf('bob')))()).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    });
    expect(made.pool.states()).toMatchObject([{ status: 'up' }]);
    isBroken = false;
    await made.clock.pass(60_000);
    await settle();
    await made.pool.connection('a', userOf('bob'));
    expect(made.attempts).toHaveLength(3);
    await made.pool.close();
  });

  it('closes what nobody uses, and keeps what is in use', async () => {
    const made = rig({}, (attempt) => {
      attempt.respond = () => answer.promise;
      attempt.succeed();
    });
    const answer = Promise.withResolvers<never>();
    await made.pool.start();
    const bob = await made.pool.connection('a', userOf('bob'));
    await made.pool.connection('a', userOf('ann'));
    const call = bob.request(callTool('x'));
    call.catch(() => undefined);
    expect(await closedAfter(made, defaultUpstreamLimits.ownIdle)).toEqual([false, true]);
    expect(made.pool.runningSpecs('a')).toHaveLength(1);
    await made.pool.connection('a', userOf('ann'));
    expect(made.attempts).toHaveLength(3);
    await made.pool.close();
  });

  it('lets the set that was not used for longest give way, and refuses when none may', async () => {
    const made = rig();
    await made.pool.start();
    const open = (number: number) => made.pool.connection('a', userOf(`u${number}`));
    for (let number = 0; number < 32; number += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that the order of use is known
      await open(number);
    }
    expect(() => open(32)).toThrow(expect.objectContaining({ code: 'UPSTREAM_OVERLOADED' }) as Error);
    await made.clock.pass(31_000);
    await open(0);
    const next = Promise.resolve(open(32));
    await settle();
    await made.clock.pass(100);
    await next;
    expect(made.attempts.map(({ isClosed }) => isClosed).indexOf(true)).toBe(1);
    expect(made.pool.runningSpecs('a')).toHaveLength(32);
    await made.pool.close();
  });

  it('gives a changed secret to those alone who use it', async () => {
    const made = rig();
    await made.pool.start();
    const ann = await made.pool.connection('a', userOf('ann'));
    const bob = await made.pool.connection('a', userOf('bob'));
    made.values.set('mem://ann/token', 'another value');
    const renewed = made.pool.renewSecrets('a', 1_000, never);
    await settle();
    await made.clock.pass(100);
    expect(await renewed).toBe('renewed');
    expect(made.attempts).toHaveLength(3);
    expect(await made.pool.connection('a', userOf('ann'))).not.toBe(ann);
    expect(await made.pool.connection('a', userOf('bob'))).toBe(bob);
    expect(made.attempts.map(({ isClosed }) => isClosed)).toEqual([true, false, false]);
    await made.pool.close();
  });

  it('goes on with what it has when the changed secret is no good', async () => {
    let isBroken = false;
    const made = rig({}, (attempt) => (isBroken ? attempt.fail(new Error('no')) : attempt.succeed()));
    await made.pool.start();
    const ann = await made.pool.connection('a', userOf('ann'));
    isBroken = true;
    made.values.set('mem://ann/token', 'another value');
    await expect(made.pool.renewSecrets('a', 1_000, never)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(made.pool.connection('a', userOf('ann'))).toBe(ann);
    await made.pool.close();
  });

  it('is replaced and removed with all its connections', async () => {
    const made = rig();
    await made.pool.start();
    await made.pool.connection('a', userOf('ann'));
    const replaced = made.pool.replace(makeSpec('a', { transport: { ...stdio, command: 'y' } }), 1_000);
    await settle();
    await made.clock.pass(100);
    await replaced;
    expect(made.attempts[0]!.isClosed).toBe(true);
    await made.pool.connection('a', userOf('ann'));
    expect(made.last().context.spec.transport).toMatchObject({ command: 'y' });
    expect(made.pool.states()).toMatchObject([{ restarts: 1 }]);
    const removed = made.pool.remove('a', 1_000);
    await settle();
    await made.clock.pass(100);
    expect(await removed).toBe(true);
    expect(made.last().isClosed).toBe(true);
    await made.pool.close();
  });
});

const { CONSENT_REQUIRED } = defineErrors('OAUTH', {
  CONSENT_REQUIRED: { http: 403, rpc: -32042, fault: 'caller', retryable: true, message: 'Sign in first.' },
});

describe('a server with a grant of each user', () => {
  const oauth: OAuthSpec = { grant: 'authorization-code' };
  const transport = { kind: 'http', url: 'https://a', headers: {}, oauth } as const;

  it('has a connection for each user, who is told to its transport', async () => {
    const made = rig({ transport });
    await made.pool.start();
    const ann = await made.pool.connection('a', userOf('ann'));
    expect(await made.pool.connection('a', userOf('bob'))).not.toBe(ann);
    expect(await made.pool.connection('a', userOf('ann', 'others'))).not.toBe(ann);
    expect(made.attempts.map(({ context }) => context.consumer?.identity?.subject)).toEqual(['ann', 'bob', 'ann']);
    // As it has last proved to be.
    const fresh: Consumer = { name: 'people', identity: { ...caller('ann').identity!, credential: 'fresh' } };
    expect(made.pool.connection('a', { consumer: fresh, client: plainClient })).toBe(ann);
    expect(made.attempts[0]!.context.consumer?.identity?.credential).toBe('fresh');
    await made.pool.close();
  });

  it('has one for each kind of token that a user shows, where these are exchanged', async () => {
    const opened = async (grant: OAuthSpec['grant']): Promise<number> => {
      const transport = { kind: 'http', url: 'https://far', headers: {}, oauth: { grant } } as const;
      const { pool, attempts } = rig({ transport });
      for (const scopes of [['read'], ['read', 'admin'], ['admin', 'read']]) {
        const { name, identity } = caller('ann');
        const consumer = { name, identity: { method: 'jwt', ...identity, scopes } };
        // oxlint-disable-next-line no-await-in-loop -- one after another
        await pool.connection('a', { consumer, client: plainClient });
      }
      return attempts.length;
    };
    expect([await opened('token-exchange'), await opened('authorization-code')]).toEqual([2, 1]);
  });

  it('has few for one user, whatever tokens that one shows: the others have room', async () => {
    const transport = {
      kind: 'http',
      url: 'https://far',
      headers: {},
      oauth: { grant: 'token-exchange' },
    } as const;
    const { pool, attempts } = rig({ transport });
    const open = (sub: string, scope: string) => {
      const { name, identity } = caller(sub);
      const consumer = { name, identity: { method: 'jwt', ...identity, scopes: [scope] } };
      return pool.connection('a', { consumer, client: plainClient });
    };
    await open('ann', 'own');
    for (let turn = 0; turn < 2 * defaultUpstreamLimits.credentialSets; turn += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await open('mallory', `scope-${turn}`);
    }
    await open('ann', 'own');
    await open('bob', 'own');
    expect(attempts.filter(({ context }) => context.consumer?.identity?.subject === 'ann')).toHaveLength(1);
    expect(attempts.filter(({ isClosed }) => !isClosed)).toHaveLength(6);
  });

  it('tries anew with each call while its user has not agreed', async () => {
    let hasAgreed = false;
    const details = { url: 'https://login', elicitationId: 'e1' };
    const made = rig({ transport }, (attempt) =>
      hasAgreed ? attempt.succeed() : attempt.fail(CONSENT_REQUIRED({ details })),
    );
    await made.pool.start();
    const ask = async () => made.pool.connection('a', userOf('ann'));
    await expect(ask()).rejects.toMatchObject({ code: 'OAUTH_CONSENT_REQUIRED', details });
    await settle();
    await expect(ask()).rejects.toMatchObject({ code: 'OAUTH_CONSENT_REQUIRED', details });
    hasAgreed = true;
    await settle();
    expect(await (await ask()).request(callTool('x'))).toEqual({
      kind: 'result',
      era: 'legacy',
      payload: Payload.of({}),
    });
    expect(made.attempts).toHaveLength(3);
    await made.pool.close();
  });
});
