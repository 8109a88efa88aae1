import { describe, expect, it } from 'vitest';
import { checkOffers } from './check-offers.ts';

function conflict(server: string, key: string) {
  return { problem: 'uri-shared', server, key, message: `${key}\u001b[31m is shared.`, mend: 'Rename it.' } as const;
}

describe('checkOffers', () => {
  it('names each conflict with its mend, without what would reach the terminal', () => {
    expect(checkOffers([conflict('a', 'x')])).toEqual([
      { name: 'offer of a', status: 'warning', message: 'x is shared.', mend: 'Rename it.' },
    ]);
  });

  it('shows a few of many of the same kind and counts the rest', () => {
    const many = Array.from({ length: 2_500 }, (_, index) => conflict('a', `x${index}`));
    const checks = checkOffers([...many, conflict('b', 'y')]);
    expect(checks.map(({ mend }) => mend)).toEqual([...Array<string>(5).fill('Rename it.'), undefined, 'Rename it.']);
    expect(checks.map(({ message }) => message)).toEqual([
      ...['x0', 'x1', 'x2', 'x3', 'x4'].map((key) => `${key} is shared.`),
      'The same holds for 2495 more of a.',
      'y is shared.',
    ]);
  });

  it('has nothing to say when there is none', () => {
    expect(checkOffers([])).toEqual([]);
  });
});
