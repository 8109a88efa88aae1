import { describe, expect, it } from 'vitest';
import { toTime } from './expiry.ts';

describe('toTime', () => {
  it.each([
    ['2027-01-31', Date.UTC(2027, 0, 31)],
    ['2028-02-29', Date.UTC(2028, 1, 29)],
    ['2027-01-31T18:00Z', Date.UTC(2027, 0, 31, 18)],
    ['2027-01-31T18:00:30Z', Date.UTC(2027, 0, 31, 18, 0, 30)],
    ['2027-01-31T18:00:30.5-02:30', Date.UTC(2027, 0, 31, 20, 30, 30, 500)],
  ])('reads %s', (text, time) => {
    expect(toTime(text)).toBe(time);
  });

  it.each(['', '2027', '31.01.2027', '2027-1-31', '2027-02-29', '2027-13-01', '2027-01-31T18:00', '2027-01-31T25:00Z'])(
    'takes %j for no date',
    (text) => {
      expect(toTime(text)).toBeNaN();
    },
  );
});
