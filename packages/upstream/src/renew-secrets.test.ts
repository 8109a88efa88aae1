import { Payload } from '@hostler/kernel';
import type { HttpSpec, UpstreamSpec } from '@hostler/kernel';
import { secretErrors } from '@hostler/secrets';
import { settle } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../test/support/failure-of.ts';
import { makePool, makeSpec } from '../test/support/fake-connector.ts';
import type { Attempt, FakePool } from '../test/support/fake-connector.ts';
import { askableClient, callTool, makeSession, plainClient, userOf } from '../test/support/make-exchange.ts';
import { upstreamErrors } from './errors.ts';

const user = userOf(plainClient);
const { signal } = new AbortController();
const http: HttpSpec = { kind: 'http', url: 'https://a.test/', headers: { 'x-key': { secret: 'env://KEY' } } };
const denied = secretErrors.ACCESS_DENIED({ details: { reference: 'env://KEY' } });
const ill = upstreamErrors.UNAVAILABLE({ details: { server: 'a', problem: 'It is ill.' } });

interface Started extends FakePool {
  /** Numbers of the connections whose secrets were renewed. */
  readonly renewed: number[];
  renew(): Promise<'renewed' | 'restarted'>;
}

/** A pool of one server, whose connections come up unless `prepare` has done something with them. */
function make(
  changes: Partial<UpstreamSpec>,
  prepare: (attempt: Attempt, index: number) => unknown = () => {},
): Started {
  const renewed: number[] = [];
  let count = 0;
  const made = makePool([makeSpec('a', { interactive: true, ...changes })], (attempt) => {
    const index = count++;
    if (attempt.context.spec.transport.kind === 'http') {
      attempt.renew = () => {
        renewed.push(index);
        return Promise.resolve();
      };
    }
    if (prepare(attempt, index) !== false) attempt.succeed();
  });
  return { ...made, renewed, renew: () => made.pool.renewSecrets('a', 1_000, signal) };
}

/** Resolves with what a promise comes to while time goes by. */
async function inTime<T>({ clock }: FakePool, promise: Promise<T>): Promise<T> {
  const guarded = promise.catch(() => undefined);
  await clock.pass(100);
  await guarded;
  return promise;
}

describe('the secrets in headers', () => {
  it('are renewed in place on every connection, and no session ends', async () => {
    const made = make({ transport: http, era: 'legacy' });
    await made.pool.start();
    const askers = ['s1', 's2'].map((id) => userOf(askableClient(makeSession(id))));
    await Promise.all(askers.map(async (one) => made.pool.connection('a', one)));
    expect(await made.renew()).toBe('renewed');
    expect(made.renewed.toSorted((one, other) => one - other)).toEqual([0, 1, 2]);
    expect(made.attempts.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
    await made.pool.close();
  });

  it('are tried at once where calls were refused since all of them failed, with one call', async () => {
    const made = make({ transport: http, era: 'legacy' });
    await made.pool.start();
    const [attempt] = made.attempts;
    const connection = await made.pool.connection('a', user);
    const call = (): Promise<unknown> => failureOf(connection.request(callTool('x')));
    const callFor = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) await call();
    };
    if (attempt) attempt.respond = () => Promise.reject(ill);
    await callFor(7);
    expect(attempt?.requests).toHaveLength(5);
    await made.renew();
    await callFor(3);
    expect(attempt?.requests).toHaveLength(6);
    await made.renew();
    if (attempt) attempt.respond = () => Promise.resolve({ kind: 'result', era: 'legacy', payload: Payload.of({}) });
    await callFor(3);
    expect(attempt?.requests).toHaveLength(9);
    expect(made.pool.states()).toMatchObject([{ status: 'up', phase: 'ready' }]);
    await made.pool.close();
  });

  it('are renewed on the connection beside a modern one, also when it is only just coming up', async () => {
    const made = make({ transport: http, interactive: false }, (attempt, index) => {
      attempt.era = index === 0 ? 'modern' : 'legacy';
      return index === 0;
    });
    await made.pool.start();
    const beside = made.pool.connection('a', user);
    const renewal = made.renew();
    await settle();
    made.attempts[1]?.succeed();
    expect(await renewal).toBe('renewed');
    expect(made.renewed).toEqual([0, 1]);
    await beside;
    await made.pool.close();
  });

  it('are renewed on a connection of a client’s own that is being opened', async () => {
    const made = make({ transport: http, era: 'legacy' }, (_, index) => index === 0);
    await made.pool.start();
    const own = made.pool.connection('a', userOf(askableClient(makeSession('s1'))));
    const renewal = made.renew();
    await settle();
    made.attempts[1]?.succeed();
    expect(await renewal).toBe('renewed');
    expect(made.renewed).toEqual([0, 1]);
    await own;
    await made.pool.close();
  });

  it('stay as they are when they cannot be read, which is thrown', async () => {
    const made = make({ transport: http });
    await made.pool.start();
    const [attempt] = made.attempts;
    if (attempt) attempt.renew = () => Promise.reject(denied);
    const failing = make({ transport: http }, (one) => void (one.renew = () => Promise.reject(denied)));
    await failing.pool.start();
    expect(await failureOf(failing.renew())).toBe(denied);
    expect(failing.attempts).toHaveLength(1);
    expect(failing.pool.states()).toMatchObject([{ status: 'up' }]);
    await Promise.all([made.pool.close(), failing.pool.close()]);
  });

  it('need nothing while the server rests: it reads them when it is woken', async () => {
    const made = make({ transport: http, recycle: { idle: 1_000 } });
    await made.pool.start();
    await made.clock.pass(1_500);
    expect(made.pool.states()).toMatchObject([{ status: 'up', phase: 'closed' }]);
    expect(await made.renew()).toBe('renewed');
    expect(made.attempts).toHaveLength(1);
    await made.pool.close();
  });
});

describe('all other secrets', () => {
  it.each<[string, UpstreamSpec['transport']]>([
    ['of a child', { kind: 'stdio', command: 'x', args: [], env: { KEY: { secret: 'env://KEY' } }, cwd: '/' }],
    ['of a WebSocket', { ...http, kind: 'websocket', url: 'wss://a.test' }],
    ['of TLS', { ...http, network: { tls: { key: { secret: 'env://PEM' }, certificate: 'text' } } }],
  ])('%s take a new start: the new one is up before the old one ends, and its calls with it', async (_, transport) => {
    const made = make({ transport });
    await made.pool.start();
    const [old] = made.attempts;
    const answered = Promise.withResolvers<void>();
    const respond = old?.respond;
    if (old && respond) old.respond = (exchange) => answered.promise.then(() => respond(exchange));
    const call = (await made.pool.connection('a', user)).request(callTool('x'));
    const renewal = made.renew();
    await settle();
    expect(made.attempts).toHaveLength(2);
    expect(old?.isClosed).toBe(false);
    answered.resolve();
    expect((await call).kind).toBe('result');
    expect(await inTime(made, renewal)).toBe('restarted');
    expect(old?.isClosed).toBe(true);
    expect(made.renewed).toEqual([]);
    await made.pool.close();
  });

  it('leave the old server as it is when the new one does not come up, which is thrown', async () => {
    const made = make({}, (attempt, index) => (index === 0 ? undefined : (attempt.fail(ill), false)));
    await made.pool.start();
    expect(await failureOf(inTime(made, made.renew()))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(made.attempts[0]?.isClosed).toBe(false);
    expect(made.pool.states()).toMatchObject([{ status: 'up' }]);
    await made.pool.close();
  });
});

describe('a server that is not up', () => {
  it.each([http, undefined])('is tried now', async (transport) => {
    const made = make({ ...(transport && { transport }) }, (attempt, index) =>
      index === 0 ? (attempt.fail(denied), false) : undefined,
    );
    await made.pool.start();
    expect(made.pool.states()).toMatchObject([{ status: 'blocked' }]);
    expect(await inTime(made, made.renew())).toBe('restarted');
    expect(made.pool.states()).toMatchObject([{ status: 'up' }]);
    await made.pool.close();
  });

  it('that nobody knows is said to be unknown, and who no longer waits is let go', async () => {
    const made = make({}, (_, index) => index === 0);
    await made.pool.start();
    expect(await failureOf(made.pool.renewSecrets('b', 0, signal))).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    const controller = new AbortController();
    const renewal = failureOf(made.pool.renewSecrets('a', 0, controller.signal));
    controller.abort(new Error('enough'));
    expect(await renewal).toMatchObject({ message: 'enough' });
    await made.pool.close();
  });
});

describe('what a server goes without', () => {
  const missing = [{ place: 'headers.x-key', reference: 'env://KEY', code: 'SECRET_NOT_FOUND' }];

  it('stands in its state, for each start, and changes when its secrets are renewed', async () => {
    const made = make({ transport: http }, ({ context }, index) => context.onMissing?.(index === 0 ? missing : []));
    await made.pool.start();
    expect(made.pool.states()).toMatchObject([{ status: 'up', missing }]);
    expect(made.events.at(-1)).toMatchObject({ state: { missing } });
    made.last().context.onMissing?.([]);
    expect(made.pool.states()[0]).not.toHaveProperty('missing');
    expect(made.events.at(-1)).not.toHaveProperty('state.missing');
    made.last().context.onMissing?.(missing);
    expect(made.events.at(-1)).toMatchObject({ state: { missing } });
    await inTime(made, made.pool.restart('a', 0));
    expect(made.pool.states()[0]).not.toHaveProperty('missing');
    await made.pool.close();
  });
});
