import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Json, Logger } from '@hostler/kernel';
import { DrivenClock } from '../../test/driven-clock.ts';
import { redactLikely } from '../redactor/redact-likely.ts';
import { createRedactor } from '../redactor/redactor.ts';
import { secretErrors } from '../secret-errors.ts';
import { createLeakGuard } from './leak-guard.ts';
import type { LeakPolicy } from './leak-policy.ts';

const TOKEN = 'ghp_4k2Jx9QpLm7Z';
const NAME = 'env://TOKEN';

function setUp(values: Readonly<Record<string, string>> = { [NAME]: TOKEN }, policy?: LeakPolicy) {
  const clock = new DrivenClock();
  const redactor = createRedactor({ clock });
  for (const [name, value] of Object.entries(values)) redactor.add(value, name);
  const lines: object[] = [];
  const messages: string[] = [];
  const ignore = (): void => {};
  const warn: Logger['warn'] = (fields, message) => {
    lines.push(fields);
    messages.push(message);
  };
  const log: Logger = { debug: ignore, info: ignore, error: ignore, warn };
  const guard = createLeakGuard({ redactor, log, clock, ...(policy === undefined ? {} : { policy }) });
  const screen = guard.screen('files', ['env://OWN']);
  const incoming = (message: string): string => Buffer.from(screen.incoming(Buffer.from(message))).toString();
  return { clock, redactor, guard, screen, lines, messages, incoming };
}

const answer = (result: Json): string => JSON.stringify({ jsonrpc: '2.0', id: 7, result });
const WITHHELD = {
  code: -32013,
  message: 'The answer held a secret of this host and was withheld.',
  data: { code: 'SECRET_LEAK' },
};

describe('what a server says', () => {
  it('passes as the same bytes when it is clean', () => {
    const { screen, guard } = setUp();
    for (const text of [
      answer({ a: ['clean', 12_345_678_901] }),
      answer('esc\u0001aped \u00e9'),
      '',
      'no JSON \\u00',
    ]) {
      const bytes = Buffer.from(text);
      expect(screen.incoming(bytes)).toBe(bytes);
    }
    expect(guard.counts()).toEqual([]);
  });

  it('is masked in texts and keys; all other bytes stay', () => {
    const { incoming } = setUp();
    expect(
      incoming(`{ "jsonrpc":"2.0", "id":1.0,\t"result":{"n":1e400, "t":"a ${TOKEN}\\n", "${TOKEN}":"\\u0041"}}`),
    ).toBe(`{ "jsonrpc":"2.0", "id":1.0,\t"result":{"n":1e400, "t":"a [secret]\\n", "[secret]":"\\u0041"}}`);
  });

  it('is masked in errors, notifications and questions too', () => {
    const { incoming } = setUp();
    for (const message of [
      { jsonrpc: '2.0', id: 1, error: { code: -1, message: TOKEN, data: [TOKEN] } },
      { jsonrpc: '2.0', method: 'notifications/message', params: { data: TOKEN } },
      { jsonrpc: '2.0', id: 'a', method: 'elicitation/create', params: { message: TOKEN } },
    ]) {
      expect(incoming(JSON.stringify(message))).toBe(JSON.stringify(message).replaceAll(TOKEN, '[secret]'));
    }
  });

  it('keeps id and method, even when they hold a secret', () => {
    const { incoming, guard } = setUp();
    const message = JSON.stringify({ jsonrpc: '2.0', id: TOKEN, method: TOKEN, params: {} });
    expect(incoming(message)).toBe(message);
    expect(guard.counts()).toEqual([]);
    expect(incoming(JSON.stringify({ id: TOKEN, result: { id: TOKEN } }))).toBe(
      JSON.stringify({ id: TOKEN, result: { id: '[secret]' } }),
    );
  });

  it('has its different keys kept apart', () => {
    const { incoming } = setUp({ a: 'first-value', b: 'second-value' });
    expect(incoming(answer({ 'first-value': 1, 'second-value': 2 }))).toBe(answer({ '[secret]': 1, '[secret] 2': 2 }));
  });

  it('hides a value that is written with escapes nobody needs', () => {
    const { incoming } = setUp();
    const escaped = TOKEN.replaceAll(/./g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
    expect(incoming(`{"id":1,"result":"${escaped}"}`)).toBe('{"id":1,"result":"[secret]"}');
    expect(incoming(`{"id":1,"result":"${escaped.slice(0, 6)}${TOKEN.slice(1)}"}`)).toBe(
      '{"id":1,"result":"[secret]"}',
    );
  });

  it('hides the bytes of a value in base64', () => {
    const { incoming } = setUp();
    const blob = Buffer.from(`text before ${TOKEN} and after`).toString('base64');
    expect(incoming(answer({ contents: [{ blob }] }))).toMatch(/"blob":"[^"]*\[secret\][^"]*"/);
  });

  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const account = JSON.stringify({ type: 'service_account', private_key: pem, client_email: 'a@b.example' }, null, 2);
  it.each([
    ['digits only', '1234567890123'],
    ['a backslash at its end', 'ends-with-\\'],
    ['what looks like an escape', 'C:\\new\\table\\u0041'],
    ['quotes', '"quoted" \'text\''],
    ['emoji', 'päss-😀-wörd'],
    ['control characters', 'tab\tand\u0001more'],
    ['a PEM block with CRLF', pem.replaceAll('\n', '\r\n')],
    ['a service account', account],
  ])('is valid JSON without the value when that has %s', (_, value) => {
    const { incoming, redactor } = setUp({ [NAME]: value });
    const forms: Json[] = [
      value,
      `<${value}>`,
      [JSON.stringify({ value })],
      { [value]: value },
      encodeURIComponent(value),
    ];
    for (const form of forms) {
      for (const text of [answer(form), answer(form).replaceAll(/[\u007f-\uffff]/g, escapeUnit)]) {
        const masked = incoming(text);
        expect(JSON.parse(masked)).toHaveProperty('result');
        expect(redactor.namesIn(masked)).toBeUndefined();
        expect(JSON.stringify(JSON.parse(masked))).not.toContain(value.slice(0, 12));
      }
    }
  });

  it('has a number masked that is the value', () => {
    const { incoming } = setUp({ [NAME]: '1234567890123' });
    expect(incoming('{"id":1234567890123,"result":{"pin":1234567890123,"n":-1.5e3}}')).toBe(
      '{"id":1234567890123,"result":{"pin":"[secret]","n":-1.5e3}}',
    );
  });

  it('has lines of a PEM block masked one by one', () => {
    const { incoming } = setUp({ [NAME]: pem });
    const body = pem.split('\n')[1] ?? '';
    expect(incoming(answer([`key: ${body}`]))).toBe(answer(['key: [secret]']));
  });

  it('has a text masked as a whole when only its escaped form is the value', () => {
    const { incoming } = setUp({ [NAME]: 'one\\ntwo-three' });
    expect(incoming('{"id":1,"result":["a one\\ntwo-three"]}')).toBe('{"id":1,"result":["[secret]"]}');
  });

  describe('with a value that spans several texts', () => {
    const spanning = { [NAME]: '{"user":"bob","pin":"12345"}' };

    it('is withheld as an answer', () => {
      const { incoming, guard } = setUp(spanning);
      expect(JSON.parse(incoming(answer({ user: 'bob', pin: '12345' })))).toEqual({
        jsonrpc: '2.0',
        id: 7,
        error: WITHHELD,
      });
      expect(guard.counts()).toEqual([
        { secret: NAME, server: 'files', direction: 'result', action: 'refused', count: 1 },
      ]);
    });

    it('is emptied as a notification or question', () => {
      const { incoming } = setUp(spanning);
      const params = '{"user":"bob","pin":"12345"}';
      expect(incoming(`{"jsonrpc":"2.0","method":"notifications/x","params":${params}}`)).toBe(
        '{"jsonrpc":"2.0","method":"notifications/x"}',
      );
      expect(incoming(`{"jsonrpc":"2.0","id":"q","method":"x/y","params":${params}}`)).toBe(
        '{"jsonrpc":"2.0","id":"q","method":"x/y"}',
      );
    });
  });

  it('is masked as text when it is no JSON', () => {
    const { incoming } = setUp();
    expect(incoming(`panic: ${TOKEN}`)).not.toContain(TOKEN);
    expect(incoming(`{"id":1,"result":"${TOKEN}`)).not.toContain(TOKEN);
    expect(incoming(`[{"id":1,"result":"${TOKEN}"}]`)).toBe('[{"id":1,"result":"[secret]"}]');
  });

  it('is masked even when the secret is its own', () => {
    const { incoming } = setUp({ 'env://OWN': TOKEN });
    expect(incoming(answer(TOKEN))).toBe(answer('[secret]'));
  });

  it('is refused when the policy says so, but for notifications and questions', () => {
    const { incoming } = setUp(undefined, { results: 'refuse', arguments: 'refuse' });
    expect(JSON.parse(incoming(answer(TOKEN)))).toEqual({ jsonrpc: '2.0', id: 7, error: WITHHELD });
    expect(JSON.parse(incoming(JSON.stringify({ error: { message: TOKEN } })))).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: WITHHELD,
    });
    expect(incoming(`{"method":"x","params":["${TOKEN}"]}`)).toBe('{"method":"x","params":["[secret]"]}');
    expect(incoming(answer('clean'))).toBe(answer('clean'));
  });

  it('passes when the policy is off, from the moment it is', () => {
    const { incoming, guard } = setUp();
    guard.setPolicy({ results: 'off', arguments: 'off' });
    expect(incoming(answer(TOKEN))).toBe(answer(TOKEN));
    guard.setPolicy({ results: 'mask', arguments: 'off' });
    expect(incoming(answer(TOKEN))).toBe(answer('[secret]'));
  });
});

describe('what a client says', () => {
  const leak = { name: 'test', arguments: { list: ['x', { [`k ${TOKEN}`]: `v ${TOKEN}` }], n: 5 } };

  it('passes as the same value when it is clean', () => {
    const { screen } = setUp();
    const value = { a: ['clean', 5, null, true, { deep: 'text' }], n: 12_345_678_901 };
    expect(screen.outgoing(value)).toBe(value);
  });

  it('is refused, without a word about the secret', () => {
    const { screen, guard } = setUp();
    const thrown = caught(() => screen.outgoing(leak));
    expect(thrown).toMatchObject({ code: secretErrors.LEAK.code, details: {} });
    expect(String(thrown)).not.toMatch(/TOKEN|ghp_/);
    expect(guard.counts()).toEqual([
      { secret: NAME, server: 'files', direction: 'argument', action: 'refused', count: 1 },
    ]);
  });

  it('is masked in a copy when the policy says so', () => {
    const { screen, guard } = setUp(undefined, { results: 'mask', arguments: 'mask' });
    const before = structuredClone(leak);
    expect(screen.outgoing(leak)).toEqual({
      name: 'test',
      arguments: { list: ['x', { 'k [secret]': 'v [secret]' }], n: 5 },
    });
    expect(leak).toEqual(before);
    expect(guard.counts()).toMatchObject([{ action: 'masked', count: 1 }]);
  });

  it('is masked in numbers, and its different keys stay apart', () => {
    const { screen } = setUp({ a: '1234567890', b: 'other-value' }, { results: 'mask', arguments: 'mask' });
    const value = JSON.parse('{"1234567890":1234567890,"other-value":[-1234567890],"__proto__":"other-value"}') as Json;
    expect(JSON.stringify(screen.outgoing(value))).toBe(
      '{"[secret]":"[secret]","[secret] 2":["-[secret]"],"__proto__":"[secret]"}',
    );
  });

  it('passes with secrets that the server was given, and what lies within them', () => {
    const { screen } = setUp({ 'env://OWN': 'own-token-inside-out', 'env://OTHER': 'token-inside' });
    expect(screen.outgoing({ a: 'x own-token-inside-out y' })).toEqual({ a: 'x own-token-inside-out y' });
    expect(() => screen.outgoing({ a: 'own-token-inside-out token-inside' })).toThrow(secretErrors.LEAK().message);
  });

  it('passes with a value of several names when the server was given one of them', () => {
    const { screen, redactor } = setUp();
    redactor.add(TOKEN, 'env://OWN');
    expect(screen.outgoing(leak)).toBe(leak);
  });

  it('does not pass with another key of a secret of which the server was given one', () => {
    const { redactor, guard } = setUp({ 'aws://db#user': 'database-user', 'aws://db#password': 'database-password' });
    const screen = guard.screen('db', ['aws://db#user']);
    expect(redactor.namesIn('database-user')).toEqual(new Set(['aws://db#user']));
    expect(screen.outgoing('database-user')).toBe('database-user');
    expect(() => screen.outgoing('database-password')).toThrow(secretErrors.LEAK().message);
  });

  it('passes when the policy is off', () => {
    const { screen } = setUp(undefined, { results: 'mask', arguments: 'off' });
    expect(screen.outgoing(leak)).toBe(leak);
  });
});

describe('leaks', () => {
  it('are told in words in which a log finds nothing to mask', () => {
    const { screen, incoming, messages } = setUp();
    incoming(answer(TOKEN));
    expect(() => screen.outgoing({ note: TOKEN })).toThrow(secretErrors.LEAK());
    expect(messages).toHaveLength(2);
    expect(messages.map(redactLikely)).toEqual(messages);
  });

  it('are counted each, and logged once a minute for each secret, server and direction', async () => {
    const { incoming, guard, lines, clock } = setUp({ [NAME]: TOKEN, other: 'another-value' });
    const line = { server: 'files', direction: 'result', action: 'masked' };
    for (let count = 0; count < 3; count += 1) incoming(answer(TOKEN));
    incoming(answer([TOKEN, 'another-value']));
    expect(lines).toEqual([
      { secret: NAME, ...line, count: 1 },
      { secret: 'other', ...line, count: 1 },
    ]);
    await clock.advance(60_000);
    incoming(answer(TOKEN));
    expect(lines.slice(2)).toEqual([{ secret: NAME, ...line, count: 5 }]);
    expect(guard.counts()).toEqual([
      { secret: NAME, ...line, count: 5 },
      { secret: 'other', ...line, count: 1 },
    ]);
    expect(JSON.stringify(lines)).not.toContain(TOKEN);
  });

  it('of a value without a name, and of one that was rotated, are counted too', () => {
    const { incoming, guard, redactor } = setUp();
    redactor.add('a-newer-value', NAME);
    redactor.add('nameless-value');
    incoming(answer([TOKEN, 'nameless-value']));
    expect(guard.counts().map(({ secret }) => secret)).toEqual([NAME, '(unnamed)']);
  });
});

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
