import { describe, expect, it } from 'vitest';
import { fillTemplate } from './claim-template.ts';

describe('a template of claims', () => {
  it.each([
    ['{sub}', 'ada'],
    ['team-{groups}', 'team-red'],
    ['{realm.team}_{level}', 'blue_7'],
    ['plain', 'plain'],
  ])('%s becomes %s', (template, expected) => {
    const claims = { sub: 'ada', groups: ['red'], realm: { team: 'blue' }, level: 7 };
    expect(fillTemplate(template, claims)).toBe(expected);
  });

  it.each(['', ' ', 'a b', 'a/b', '../a', 'a.b', 'a\n', '{sub}', '$&', 'ä', 'а', 'a\0', 'x'.repeat(65)])(
    'takes no value such as %j',
    (sub) => {
      expect(fillTemplate('{sub}', { sub })).toBeUndefined();
    },
  );

  it.each<[string, object]>([
    ['of which there are several', { sub: ['a', 'b'] }],
    ['of which there is none', { sub: [] }],
    ['that is missing', {}],
    ['that is a map', { sub: { a: 'b' } }],
  ])('takes no claim %s', (_, claims) => {
    expect(fillTemplate('x-{sub}', { ...claims })).toBeUndefined();
  });
});
