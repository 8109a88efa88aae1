import { describe, expect, it } from 'vitest';
import { DrivenClock } from '../../test/driven-clock.ts';
import { createRedactor } from './redactor.ts';

const HOUR = 60 * 60 * 1000;

const setUp = (limits: { readonly values?: number; readonly characters?: number } = {}) => {
  const clock = new DrivenClock();
  const lost: (readonly string[])[] = [];
  const redactor = createRedactor({ ...limits, clock, onOverflow: (names) => void lost.push(names) });
  return { clock, redactor, lost };
};

describe('a value with a name', () => {
  it('is masked as long as it is the present one', async () => {
    const { clock, redactor } = setUp();
    redactor.add('first-value', 'env://A');
    await clock.advance(1_000 * HOUR);
    expect(redactor.redact('first-value')).toBe('[secret]');
  });

  it('is masked for 24 h after the name got another one', async () => {
    const { clock, redactor } = setUp();
    redactor.add('first-value', 'env://A');
    await clock.advance(5 * HOUR);
    redactor.add('second-value', 'env://A');
    await clock.advance(24 * HOUR - 1);
    expect(redactor.redact('first-value second-value')).toBe('[secret] [secret]');
    expect(redactor.namesIn('first-value')).toEqual(new Set(['env://A']));
    await clock.advance(1);
    expect(redactor.redact('first-value second-value')).toBe('first-value [secret]');
    expect(redactor.has('first-value')).toBe(false);
  });

  it('is masked for 24 h after the name got one that is too short to be masked', async () => {
    const { clock, redactor } = setUp();
    redactor.add('first-value', 'env://A');
    expect(redactor.add('short', 'env://A')).toBe(false);
    await clock.advance(24 * HOUR);
    expect(redactor.redact('first-value')).toBe('first-value');
  });

  it('stays when it comes back in time', async () => {
    const { clock, redactor } = setUp();
    for (const value of ['first-value', 'second-value', 'first-value']) redactor.add(value, 'env://A');
    await clock.advance(24 * HOUR);
    expect(redactor.redact('first-value second-value')).toBe('[secret] second-value');
  });

  it('stays while another name has it', async () => {
    const { clock, redactor } = setUp();
    redactor.add('first-value', 'env://A');
    redactor.add('first-value', 'env://B');
    redactor.add('second-value', 'env://A');
    await clock.advance(24 * HOUR);
    expect(redactor.namesIn('first-value')).toEqual(new Set(['env://A', 'env://B']));
    redactor.add('second-value', 'env://B');
    await clock.advance(24 * HOUR);
    expect(redactor.namesIn('first-value')).toBeUndefined();
  });

  it('stays when it is added again without one', async () => {
    const { clock, redactor } = setUp();
    redactor.add('first-value', 'env://A');
    redactor.add('first-value');
    await clock.advance(24 * HOUR);
    expect(redactor.has('first-value')).toBe(true);
  });
});

describe('a value without a name', () => {
  it('is masked for 24 h after it was last added', async () => {
    const { clock, redactor } = setUp();
    redactor.add('first-value');
    await clock.advance(23 * HOUR);
    redactor.add('first-value');
    await clock.advance(24 * HOUR - 1);
    expect(redactor.redact('first-value')).toBe('[secret]');
    await clock.advance(1);
    expect(redactor.redact('first-value')).toBe('first-value');
  });

  it('is kept when nobody tells the time', () => {
    const redactor = createRedactor();
    redactor.add('first-value');
    expect(redactor.namesIn('first-value')).toEqual(new Set(['(unnamed)']));
  });
});

describe('a full redactor', () => {
  it('forgets what is retired first', () => {
    const { redactor, lost } = setUp({ values: 3 });
    redactor.add('first-value', 'env://A');
    redactor.add('second-value', 'env://B');
    redactor.add('third-value', 'env://B');
    redactor.add('fourth-value', 'env://C');
    expect(redactor.redact('first-value second-value third-value')).toBe('[secret] second-value [secret]');
    expect(lost).toEqual([]);
  });

  it('says whose present value it had to forget', () => {
    const { redactor, lost } = setUp({ values: 2 });
    for (const letter of ['a', 'b', 'c']) redactor.add(`value-of-${letter}`, `env://${letter}`);
    expect(redactor.redact('value-of-a value-of-b value-of-c')).toBe('value-of-a [secret] [secret]');
    expect(lost).toEqual([['env://a']]);
    redactor.add('a-new-value', 'env://a');
    expect(lost).toEqual([['env://a'], ['env://b']]);
  });
});

describe('tokens of users', () => {
  it('give way before what the operator gave the host', () => {
    const { redactor, lost } = setUp({ values: 3 });
    redactor.add('value-of-operator', 'env://A');
    for (const user of ['1', '2', '3', '4']) redactor.add(`token-of-user-${user}`, `oauth://jira/${user}`);
    expect(redactor.redact('value-of-operator token-of-user-4')).toBe('[secret] [secret]');
    expect(lost).toEqual([['oauth://jira/1'], ['oauth://jira/2']]);
  });
});

describe('namesIn', () => {
  it('tells every secret of which a form stands in it, in text and in bytes', () => {
    const { redactor } = setUp();
    redactor.add('pässwörd-one', 'env://A');
    redactor.add('{"user":"someone","pin":"12345678"}', 'aws://db');
    redactor.add('12345678', 'aws://db#pin');
    redactor.add('another-one', 'env://C');
    const text = `<${encodeURIComponent('pässwörd-one')}> {"pin":"12345678"}`;
    const names = new Set(['env://A', 'aws://db', 'aws://db#pin']);
    expect(redactor.namesIn(text)).toEqual(names);
    expect(redactor.namesIn(Buffer.from(text))).toEqual(names);
    expect(redactor.namesIn(Buffer.from('"pässwörd-one"'))).toEqual(new Set(['env://A']));
    expect(redactor.namesIn(new TextEncoder().encode('pässwörd-on').subarray(1))).toBeUndefined();
    expect(redactor.namesIn('')).toBeUndefined();
  });
});

describe('find', () => {
  it('lets stand what is allowed and what lies within it', () => {
    const { redactor } = setUp();
    redactor.add('outer-inner-value', 'env://A');
    redactor.add('inner-value', 'env://B');
    const allowed = new Set(['env://A']);
    expect(redactor.find('outer-inner-value', allowed)).toBeUndefined();
    expect(redactor.find('outer-inner-value inner-value', allowed)).toEqual({
      names: new Set(['env://B']),
      masked: 'outer-inner-value [secret]',
    });
  });

  it('masks what goes beyond what is allowed', () => {
    const { redactor } = setUp();
    redactor.add('abcdefgh12345678', 'env://A');
    redactor.add('12345678zzzzyyyy', 'env://B');
    expect(redactor.find('abcdefgh12345678zzzzyyyy', new Set(['env://A']))?.masked).toBe('abcdefgh[secret]');
  });
});

describe('redactCut', () => {
  it('masks values and leaves out an end that may be the beginning of one', () => {
    const { redactor } = setUp();
    redactor.add('s3cr3t-value', 'env://A');
    expect(redactor.redactCut('a s3cr3t-value b')).toBe('a [secret] b');
    expect(redactor.redactCut('a s3cr3t-value b s3cr3t-val')).toBe('a [secret] b ');
    expect(redactor.redactCut('a s3c')).toBe('a ');
    expect(redactor.redactCut('')).toBe('');
  });
});
