import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { checkKey, createConsumerTable, createKey, hashKey } from '../src/index.ts';
import type { HashedHeader } from '../src/index.ts';
import { consumer, createWorld, LogBook, signal } from './table.ts';

const ci = createKey();
const spare = createKey();

function hashed(hash: string, expires?: number): { readonly hash: string; readonly expires?: number } {
  return expires === undefined ? { hash } : { hash, expires };
}

describe('a key', () => {
  it('proves its consumer, as a bearer token and in a header of its own, without a promise', () => {
    const { table } = createWorld([consumer('other'), consumer('ci', { keys: [hashed(ci.hash), hashed(spare.hash)] })]);
    const found = table.identify({ authorization: `Bearer ${ci.key}` }, signal);
    expect(found).toEqual({ name: 'ci', identity: { method: 'key', credential: ci.hash.slice(0, 19) } });
    expect(table.identify({ apiKey: ci.key }, signal)).toBe(found);
    expect(table.identify({ apiKey: spare.key }, signal)).toMatchObject({ name: 'ci' });
    expect(table.names()).toEqual(['other', 'ci']);
  });

  it('is hashed once where its header comes again, and what is kept of one header says nothing of another', () => {
    const { table } = createWorld([
      consumer('ci', { keys: [hashed(ci.hash)] }),
      consumer('other', { keys: [hashed(spare.hash)] }),
    ]);
    const kept: HashedHeader = {};
    const who = (authorization: string): unknown => table.identify({ authorization, hashed: kept }, signal);
    expect(who(`Bearer ${ci.key}`)).toMatchObject({ name: 'ci' });
    expect(kept).toEqual({ header: `Bearer ${ci.key}`, digest: ci.hash });
    expect(who(`Bearer ${spare.key}`)).toMatchObject({ name: 'other' });
    expect(kept).toEqual({ header: `Bearer ${spare.key}`, digest: spare.hash });
    expect(() => who(`Bearer ${createKey().key}`)).toThrow('not valid here');
    expect(who(`Bearer ${ci.key}`)).toMatchObject({ name: 'ci' });
    expect(table.identify({ apiKey: ci.key, hashed: kept }, signal)).toMatchObject({ name: 'ci' });
    // It is looked at indeed: this is what only whoever keeps the header can write.
    kept.digest = spare.hash;
    expect(table.identify({ apiKey: ci.key, hashed: kept }, signal)).toMatchObject({ name: 'other' });
    // Two credentials are none, whatever is kept.
    expect(() => table.identify({ authorization: 'x', apiKey: ci.key, hashed: kept }, signal)).toThrow(
      'not valid here',
    );
  });

  it('is found by a hash in any case', async () => {
    const hash = `sha256:${ci.hash.slice(7).toUpperCase()}`;
    expect(await createWorld([consumer('ci', { keys: [hashed(hash)] })]).ask({ apiKey: ci.key })).toMatchObject({
      name: 'ci',
    });
  });

  it.each([
    ['unknown', createKey().key],
    ['truncated', ci.key.slice(0, -1)],
    ['extended', `${ci.key}0`],
    ['in upper case', ci.key.toUpperCase()],
    ['in lower case', ci.key.toLowerCase()],
    ['its own hash', ci.hash],
    ['its own hash without the prefix', ci.hash.slice(7)],
    ['a name', 'ci'],
    ['a name that objects are born with', '__proto__'],
    ['SQL', "'or'1'='1'--"],
    ['a JSON object', '{"$ne":null}'],
    ['a path', '../../../etc/passwd'],
    ['a token', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.'],
  ])('is refused when it is %s', async (_, text) => {
    const world = createWorld([consumer('ci', { keys: [hashed(ci.hash)] })]);
    expect(await world.ask({ apiKey: text })).toBe('AUTH_INVALID');
    expect(await world.bearer(text)).toBe('AUTH_INVALID');
  });

  it('is not known with one character in the other case, at any place', async () => {
    const world = createWorld([consumer('ci', { keys: [hashed(ci.hash)] })]);
    for (let place = 0; place < ci.key.length; place += 1) {
      const character = ci.key.charAt(place);
      const other = character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase();
      if (other === character) continue;
      expect(await world.ask({ apiKey: ci.key.slice(0, place) + other + ci.key.slice(place + 1) })).toBe(
        'AUTH_INVALID',
      );
    }
  });

  it('opens nothing where no consumer has it, or there is none', async () => {
    expect(await createWorld([]).ask({ apiKey: ci.key })).toBe('AUTH_INVALID');
    expect(await createWorld([consumer('ci')]).ask({ apiKey: ci.key })).toBe('AUTH_INVALID');
    expect(await createWorld([consumer('ci')]).ask({})).toBe('AUTH_MISSING');
  });

  it('is good up to the moment it expires', async () => {
    const expires = 1_800_000_060_000;
    const { ask, wall, table } = createWorld([
      consumer('ci', { keys: [hashed(ci.hash, expires), hashed(spare.hash)] }),
    ]);
    wall.now = expires - 1;
    const found = await ask({ apiKey: ci.key });
    if (typeof found === 'string') throw new Error(found);
    expect(found).toMatchObject({ name: 'ci', identity: { expiresAt: expires } });
    expect(table.isGood(found)).toBe(true);
    wall.now = expires;
    expect(await ask({ apiKey: ci.key })).toBe('AUTH_EXPIRED');
    expect(table.isGood(found)).toBe(false);
    expect(await ask({ apiKey: spare.key })).toMatchObject({ name: 'ci' });
  });

  it('is good no more in a table that does not have it, or has it for another, or until another time', async () => {
    const found = await createWorld([consumer('ci', { keys: [hashed(ci.hash)] })]).ask({ apiKey: ci.key });
    if (typeof found === 'string') throw new Error(found);
    const good = (...consumers: Parameters<typeof createWorld>[0]): boolean =>
      createWorld(consumers).table.isGood(found);
    expect(good(consumer('ci', { keys: [hashed(spare.hash), hashed(ci.hash)] }))).toBe(true);
    expect(good(consumer('ci', { keys: [hashed(spare.hash)] }))).toBe(false);
    expect(good(consumer('ci'))).toBe(false);
    expect(good(consumer('other', { keys: [hashed(ci.hash)] }))).toBe(false);
    expect(good(consumer('ci', { keys: [hashed(ci.hash, 1)] }))).toBe(false);
    expect(good()).toBe(false);
  });

  it('has to be proved: nothing that looks like a consumer is good', () => {
    const { table } = createWorld([consumer('ci', { keys: [hashed(ci.hash)] })]);
    const credential = ci.hash.slice(0, 19);
    expect(table.isGood({ name: 'ci' })).toBe(false);
    expect(table.isGood({ name: 'ci', identity: { method: 'key', credential } })).toBe(false);
    expect(table.isGood({ name: 'anonymous' })).toBe(false);
  });

  it('may be the key of one consumer only', () => {
    const shared = [consumer('a', { keys: [hashed(ci.hash)] }), consumer('b', { keys: [hashed(ci.hash)] })];
    expect(() => createWorld(shared)).toThrow('The same key is configured for the consumers a, b');
    expect(() => createWorld([consumer('a', { keys: [hashed(ci.hash), hashed(ci.hash)] })])).not.toThrow();
  });

  it('shows in nothing that is printed', async () => {
    const world = createWorld([consumer('ci', { keys: [hashed(ci.hash)] })]);
    const found = await world.ask({ apiKey: ci.key });
    for (const text of [
      inspect(found, { showHidden: true, depth: 9 }),
      JSON.stringify(found),
      inspect(world.log.lines),
    ]) {
      expect(text).not.toContain(ci.key);
      expect(text).not.toContain(ci.hash.slice(7));
    }
    const mistyped = `${ci.key.slice(0, -1)}${ci.key.endsWith('0') ? '1' : '0'}`;
    expect(checkKey(mistyped)).toBe('checksum');
    expect(() => world.table.identify({ apiKey: mistyped }, signal)).toThrow(
      expect.objectContaining({ code: 'AUTH_INVALID', details: {}, message: 'The key or token is not valid here.' }),
    );
  });
});

describe('a key that is kept as a secret', () => {
  const keys = [{ secret: { secret: 'env://CI_KEY' } }];
  const own = 'correct-horse.battery-staple';

  it('is good once it was read, and no more after a rotation', async () => {
    const { table, held, ask } = createWorld([consumer('ci', { keys })]);
    held.set('env://CI_KEY', own);
    await table.readKeys(signal);
    const found = table.identify({ apiKey: own }, signal);
    if (found instanceof Promise) throw new Error('nothing has to be waited for');
    expect(found).toEqual({ name: 'ci', identity: { method: 'key', credential: 'env://CI_KEY' } });
    expect(await ask({ authorization: `Bearer ${own}` })).toBe(found);

    held.set('env://CI_KEY', 'the-one-that-came-after-it');
    expect(table.isGood(found)).toBe(true);
    await table.readKeys(signal);
    expect(table.isGood(found)).toBe(false);
    expect(await ask({ apiKey: own })).toBe('AUTH_INVALID');
    expect(await ask({ apiKey: 'the-one-that-came-after-it' })).toMatchObject({ name: 'ci' });
  });

  it('is put into its format', async () => {
    const formatted = [{ secret: { secret: 'env://CI_KEY', format: 'team-{}' } }];
    const { table, held, ask } = createWorld([consumer('ci', { keys: formatted })]);
    held.set('env://CI_KEY', own);
    await table.readKeys(signal);
    expect(await ask({ apiKey: `team-${own}` })).toMatchObject({ name: 'ci' });
    expect(await ask({ apiKey: own })).toBe('AUTH_INVALID');
  });

  it.each([
    ['of 19 characters', 'a'.repeat(19), false],
    ['of 20 characters', 'a'.repeat(20), true],
    ['with a line end', `${own}\n`, false],
    ['with a space', `${own} ${own}`, false],
    ['beyond ASCII', `${own}é`, false],
    ['of 4 KiB', 'a'.repeat(4096), true],
    ['of more', 'a'.repeat(4097), false],
  ])('%s is a key: %s', async (_, text, isKey) => {
    const { table, held, ask, log } = createWorld([consumer('ci', { keys })]);
    held.set('env://CI_KEY', text);
    await table.readKeys(signal);
    expect(typeof (await ask({ apiKey: text.trim() })) === 'object').toBe(isKey);
    expect(log.lines.map(({ level }) => level)).toEqual(isKey ? [] : ['error']);
    expect(JSON.stringify(log.lines)).not.toContain(text.trim());
  });

  it('leaves unanswered who calls while it cannot be read, and is read again when somebody comes', async () => {
    const { table, held, ask, clock, log } = createWorld([consumer('ci', { keys: [...keys, hashed(ci.hash)] })]);
    await table.readKeys(signal);
    expect(log.lines).toEqual([
      {
        level: 'warn',
        fields: { consumer: 'ci', reference: 'env://CI_KEY', code: 'SECRET_UNAVAILABLE' },
        message: 'A key cannot be read, and opens nothing until it can',
      },
    ]);
    expect(await ask({ apiKey: own })).toBe('AUTH_UNAVAILABLE');
    expect(await ask({ apiKey: ci.key })).toMatchObject({ name: 'ci' });
    expect(await ask({ apiKey: `${ci.key.slice(0, -8)}00000000` })).toBe('AUTH_INVALID');
    held.set('env://CI_KEY', own);
    await clock.pass(4_999);
    expect(await ask({ apiKey: own })).toBe('AUTH_UNAVAILABLE');
    await clock.pass(1);
    const [found, wrong] = await Promise.all([ask({ apiKey: own }), ask({ apiKey: `${own}!` })]);
    expect(found).toMatchObject({ name: 'ci' });
    expect(wrong).toBe('AUTH_INVALID');
  });

  it('is waited for while it is read for the first time, by each as long as it likes', async () => {
    const { promise, resolve } = Promise.withResolvers<never>();
    const log = new LogBook();
    const table = createConsumerTable({
      consumers: [consumer('ci', { keys })],
      issuers: [],
      secrets: { resolve: async () => await promise },
      clock: { now: () => 0, after: () => () => undefined },
      fetch,
      log,
    });
    const controller = new AbortController();
    const impatient = table.identify({ apiKey: own }, controller.signal);
    controller.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    const patient = table.identify({ apiKey: own }, signal);
    resolve({ reveal: () => own } as never);
    expect(await patient).toMatchObject({ name: 'ci' });
  });

  it('is nobody’s when two consumers have it', async () => {
    const b = consumer('b', { keys: [{ secret: { secret: 'env://B' } }] });
    const { table, held, ask, log } = createWorld([consumer('a', { keys: [hashed(hashKey(own))] }), b]);
    expect(await ask({ apiKey: own })).toMatchObject({ name: 'a' });
    held.set('env://B', own);
    await table.readKeys(signal);
    expect(await ask({ apiKey: own })).toBe('AUTH_INVALID');
    expect(log.lines).toEqual([
      { level: 'error', fields: { consumers: ['a', 'b'] }, message: 'A key of several consumers is refused' },
    ]);
  });

  it('serves in the table that takes the place of one which has read it, before it is read anew', async () => {
    const former = createWorld([
      consumer('ci', { keys }),
      consumer('gone', { keys: [{ secret: { secret: 'env://B' } }] }),
    ]);
    former.held.set('env://CI_KEY', own).set('env://B', `${own}-of-b`);
    await former.table.readKeys(signal);
    const [found, gone] = [await former.ask({ apiKey: own }), await former.ask({ apiKey: `${own}-of-b` })];
    if (typeof found === 'string' || typeof gone === 'string') throw new Error('not identified');
    const { table, held, ask } = createWorld([consumer('ci', { keys }), consumer('new')], [], former);
    expect([table.isGood(found), table.isGood(gone)]).toEqual([true, false]);
    expect(table.identify({ apiKey: own }, signal)).toMatchObject({ name: 'ci' });
    expect(await ask({ apiKey: `${own}-of-b` })).toBe('AUTH_INVALID');
    const moved = createWorld([consumer('other', { keys })], [], former);
    expect([moved.table.isGood(found), await moved.ask({ apiKey: own })]).toMatchObject([false, { name: 'other' }]);
    const formatted = [{ secret: { secret: 'env://CI_KEY', format: 'team-{}' } }];
    expect(createWorld([consumer('ci', { keys: formatted })], [], former).table.isGood(found)).toBe(false);
    held.set('env://CI_KEY', 'the-one-that-came-after-it');
    await table.readKeys(signal);
    expect([table.isGood(found), await ask({ apiKey: own })]).toEqual([false, 'AUTH_INVALID']);
  });

  it('that was read later counts, whichever reading ends last', async () => {
    const answers = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    let asked = 0;
    const table = createConsumerTable({
      consumers: [consumer('ci', { keys })],
      issuers: [],
      secrets: {
        async resolve() {
          asked += 1;
          const text = await answers[asked - 1]?.promise;
          return { reveal: () => text } as never;
        },
      },
      clock: { now: () => 0, after: () => () => undefined },
      fetch,
      log: new LogBook(),
    });
    const readings = [table.readKeys(signal), table.readKeys(signal)];
    answers[1]?.resolve('the-new-key-of-the-team');
    await readings[1];
    answers[0]?.resolve('the-old-key-of-the-team');
    await readings[0];
    expect(table.identify({ apiKey: 'the-new-key-of-the-team' }, signal)).toMatchObject({ name: 'ci' });
    expect(() => table.identify({ apiKey: 'the-old-key-of-the-team' }, signal)).toThrow('not valid');
  });
});

describe('reading', () => {
  it('ends with its signal, and with the table', async () => {
    const { table } = createWorld([consumer('ci', { keys: [{ secret: { secret: 'env://CI_KEY' } }] })]);
    await expect(table.readKeys(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    table.close();
    await expect(table.readKeys(signal)).rejects.toThrow('try again');
  });
});

describe('what is no credential at all', () => {
  const pieces = [
    "' OR 1=1--",
    '$ne',
    '${jndi:ldap://x}',
    '%00',
    '../',
    '<script>',
    '"',
    '\\',
    ';',
    '\u{1F600}',
    '\r\n',
    '{}',
    '.',
  ];
  const payloads = Array.from({ length: 500 }, (_, index) =>
    [7, 11, 13].map((step) => pieces[(index * step + (index >> 3)) % pieces.length]).join(index % 2 === 0 ? '' : 'hk_'),
  );

  it('is refused like any other, in 500 forms and every place', async () => {
    const world = createWorld([consumer('ci', { keys: [hashed(ci.hash)] })]);
    const found = payloads.flatMap((text) => [
      world.ask({ authorization: text }),
      world.ask({ authorization: `Bearer ${text}` }),
      world.ask({ authorization: `Bearer ${ci.key}${text}` }),
      world.ask({ apiKey: text }),
    ]);
    expect(new Set(await Promise.all(found))).toEqual(new Set(['AUTH_INVALID']));
  });
});

describe('the time it takes', () => {
  /** Both do the same: a hash of the whole text, and one look into a map. What is measured here only guards against a loop over keys. */
  it('does not grow with the number of keys', () => {
    const many = Array.from({ length: 20_000 }, () => ({ hash: hashKey(String(Math.random())) }));
    const { table } = createWorld([consumer('ci', { keys: [...many, hashed(ci.hash)] })]);
    const times = Array.from({ length: 50 }, () => {
      const before = performance.now();
      for (let round = 0; round < 100; round += 1) void table.identify({ apiKey: ci.key }, signal);
      return performance.now() - before;
    });
    // The quickest of them is one in which the machine did nothing else.
    expect(Math.min(...times) * times.length).toBeLessThan(1500);
  });
});
