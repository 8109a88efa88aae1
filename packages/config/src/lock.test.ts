import { describe, expect, it } from 'vitest';
import { FILE, problemsOf } from '../test/support/problems-of.ts';
import { parseConfig } from './parse.ts';

const planOf = (text: string) => parseConfig(`servers: {}\n${text}`, FILE).plan;

function problemsWith(text: string): string {
  return problemsOf(`servers: {}\n${text}`).join('\n');
}

describe('lock', () => {
  it('is off by default, but for hidden characters', () => {
    expect(planOf('').lock).toMatchObject({ suspicious: 'strip' });
    expect(planOf('').lock).not.toHaveProperty('file');
  });

  it('has a policy for every grade: one word for all, or one for each, and a consumer over that', () => {
    const { lock, consumers } = planOf(
      [
        'lock: { file: hostler.lock, drift: { wording: hide } }',
        'consumers: { a: {}, b: { drift: warn }, c: { drift: { new: warn } } }',
      ].join('\n'),
    );
    expect(lock.file).toBe('/etc/hostler/hostler.lock');
    const usual = { hints: 'hide', schema: 'hide', new: 'hide', removed: 'warn', server: 'quarantine' };
    expect(lock.drift).toEqual({ ...usual, wording: 'hide' });
    const all = { wording: 'warn', hints: 'warn', schema: 'warn', new: 'warn', removed: 'warn', server: 'warn' };
    expect(consumers?.map(({ drift }) => drift)).toEqual([undefined, all, { ...usual, wording: 'hide', new: 'warn' }]);
  });

  it('refuses what says nothing without a lockfile, and words that are none', () => {
    const text = 'lock: { drift: hide }\nconsumers: { a: { drift: { new: warn } }, b: { drift: sometimes } }';
    expect(problemsWith(text)).toContain('there is no lockfile to compare with');
    expect(problemsWith(text)).toContain('consumers.b.drift');
    expect(problemsWith('lock: { file: x, drift: { colour: hide } }')).toContain('unknown key');
    expect(problemsWith('lock: { file: "~/x" }')).toContain('lock.file');
  });
});
