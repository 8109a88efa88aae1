import { describe, expect, it } from 'vitest';
import * as own from './errors.ts';
import type { ErrorKind } from './errors.ts';

const { defineErrors, HostlerError, isHostlerError } = own;

const kind: ErrorKind = { http: 404, rpc: -1, fault: 'caller', retryable: false, message: 'No {thing} in {place}.' };
const errors = defineErrors('TEST', { NOT_FOUND: kind, OTHER: { ...kind, message: 'Other.' } });

describe('defineErrors', () => {
  it('makes one builder for each kind, which knows its code and kind', () => {
    expect(Object.keys(errors)).toEqual(['NOT_FOUND', 'OTHER']);
    expect(errors.NOT_FOUND.code).toBe('TEST_NOT_FOUND');
    expect(errors.NOT_FOUND.kind).toBe(kind);
    expect(Object.isFrozen(errors)).toBe(true);
  });

  it('builds errors that carry code, kind, details, message and cause', () => {
    const cause = new Error('why');
    const error = errors.NOT_FOUND({ details: { thing: 'tool', place: 'here' }, cause });
    expect(error).toBeInstanceOf(HostlerError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'HostlerError',
      code: 'TEST_NOT_FOUND',
      kind,
      details: { thing: 'tool', place: 'here' },
      message: 'No tool in here.',
    });
    expect(error.cause).toBe(cause);
    expect(error.stack).toContain('errors.test.ts');
  });

  it('builds errors without details and without a cause', () => {
    const error = errors.OTHER();
    expect(error).toMatchObject({ message: 'Other.', details: {} });
    expect(Object.hasOwn(error, 'cause')).toBe(false);
    expect(Object.hasOwn(errors.OTHER({ cause: null }), 'cause')).toBe(true);
  });
});

describe('isHostlerError', () => {
  it('knows the errors of another copy of this package', async () => {
    const copy = (await import(`${'./errors.ts'}?copy`)) as typeof own;
    const foreign = copy.defineErrors('COPY', { X: kind }).X();
    expect(foreign).not.toBeInstanceOf(HostlerError);
    expect(isHostlerError(foreign)).toBe(true);
    expect(copy.isHostlerError(errors.OTHER())).toBe(true);
  });

  it.each([new Error('x'), undefined, null, 'HostlerError', 5, {}, { name: 'HostlerError', code: 'X', kind }, () => 1])(
    'does not take %s for one',
    (value) => {
      expect(isHostlerError(value)).toBe(false);
    },
  );

  it('does not take what JSON can express for one', () => {
    expect(isHostlerError(JSON.parse(JSON.stringify(errors.OTHER())))).toBe(false);
  });
});

describe('the message', () => {
  function filled(message: string, details: string): string {
    return defineErrors('T', { M: { ...kind, message } }).M({ details: JSON.parse(details) }).message;
  }

  it.each([
    ['No {a}.', '{"a":"b"}', 'No b.'],
    ['{a} {a}', '{"a":"b"}', 'b b'],
    ['{a}', '{"a":{"b":[1,null]}}', '{"b":[1,null]}'],
    ['{a}', '{"a":0}', '0'],
    ['{a}', '{"a":false}', 'false'],
    ['{a}', '{"a":null}', 'null'],
    ['{a}', '{"a":""}', ''],
    ['{a}', '{}', '{a}'],
    ['{a}', '{"a":"{b}","b":"c"}', '{b}'],
    ['{a}', '{"a":"$& $1 $$"}', '$& $1 $$'],
    ['{toString} {constructor} {hasOwnProperty}', '{}', '{toString} {constructor} {hasOwnProperty}'],
    ['{__proto__}', '{}', '{__proto__}'],
    ['{__proto__}', '{"__proto__":"own"}', 'own'],
    ['{a}', '{"__proto__":{"a":"inherited"}}', '{a}'],
    ['{a} { b} {} {a-b}', '{"a":1}', '1 { b} {} {a-b}'],
  ])('%j with %s reads %j', (message, details, expected) => {
    expect(filled(message, details)).toBe(expected);
  });
});
