import { describe, expect, it } from 'vitest';
import { expiryFrom } from './expiry.ts';

const now = Date.parse('2026-11-21T10:00:00.500Z');

describe('expiryFrom', () => {
  it.each([
    ['12h', '2026-11-21T22:00:00Z'],
    ['90d', '2027-02-19T10:00:00Z'],
    ['2w', '2026-12-05T10:00:00Z'],
    ['2027-01-31', '2027-01-31T00:00:00Z'],
    ['2027-01-31T18:00:00+01:00', '2027-01-31T17:00:00Z'],
    ['2027-01-31T18:00Z', '2027-01-31T18:00:00Z'],
  ])('%s is %s', (text, time) => {
    expect(expiryFrom(text, now)).toBe(time);
  });

  it.each([
    '',
    '90',
    'd',
    '-1d',
    '0d',
    '1.5d',
    '90 days',
    '90m',
    '2020-01-31',
    '2027-13-01',
    '2027-01-31T18:00',
    '999999w',
  ])('refuses %j', (text) => {
    expect(() => expiryFrom(text, now)).toThrow(expect.objectContaining({ code: 'CLI_USAGE' }));
  });

  it('says that a date is over', () => {
    expect(() => expiryFrom('2020-01-31', now)).toThrow('2020-01-31 is over');
  });
});
