import { describe, expect, it } from 'vitest';
import type { Consumer, Json } from '@hostler/kernel';
import { expandReference, isTemplate, sampleOf } from './secret-template.ts';

function caller(claims?: Readonly<Record<string, Json>>, name = 'people'): Consumer {
  return { name, identity: { method: 'jwt', issuer: 'https://id', subject: 'ann', ...(claims && { claims }) } };
}

const expand = (reference: string, consumer: Consumer): string => expandReference(reference, consumer, 'jira');

describe('a reference with claims in it', () => {
  it('names the secret of the caller', () => {
    const ann = caller({ sub: 'ann', realm: { team: 'red.1' }, mail: 'ann+x@example.com' });
    expect(expand('gcp://p/users-{sub}-jira', ann)).toBe('gcp://p/users-ann-jira');
    expect(expand('gcp://p/{realm.team}/{sub}#a.b', ann)).toBe('gcp://p/red.1/ann#a.b');
    expect(expand('vault://{consumer}/{mail}', ann)).toBe('vault://people/ann+x@example.com');
    expect(expand('gcp://p/shared', ann)).toBe('gcp://p/shared');
  });

  it.each<[string, Json | undefined, string]>([
    ['missing', undefined, 'is missing'],
    ['a list', ['ann'], 'is not one text'],
    ['a number', 7, 'is not one text'],
    ['an object', { a: 'b' }, 'is not one text'],
    ['empty', '', 'holds characters'],
    ['a step up', '..', 'holds characters'],
    ['two dots inside', 'a..b', 'holds characters'],
    ['a dot first', '.a', 'holds characters'],
    ['a dash first', '-a', 'holds characters'],
    ['a slash', 'a/b', 'holds characters'],
    ['a back slash', 'a\\b', 'holds characters'],
    ['an encoded slash', 'a%2fb', 'holds characters'],
    ['a key', 'a#b', 'holds characters'],
    ['a place', '{sub}', 'holds characters'],
    ['a line break', 'a\nb', 'holds characters'],
    ['a line break at the end', 'a\n', 'holds characters'],
    ['a NUL', 'a\0', 'holds characters'],
    ['letters that only look alike', 'аnn', 'holds characters'],
    ['129 characters', 'x'.repeat(129), 'holds characters'],
  ])('is refused where the claim is %s, without its value', (_, value, words) => {
    const consumer = caller(value === undefined ? {} : { team: value });
    const message = expect.stringMatching(`the claim team of this one ${words}`) as string;
    const details = { server: 'jira', claim: 'team', problem: expect.stringContaining(words) as string };
    const refused = expect.objectContaining({ code: 'SECRET_CLAIM_REFUSED', message, details }) as Error;
    expect(() => expand('gcp://p/{team}', consumer)).toThrow(refused);
  });

  it.each([
    ['gcp://p/{team}-{sub}', { team: 'red-a', sub: 'b' }, { team: 'red', sub: 'a-b' }],
    ['gcp://p/{team}{sub}', { team: 'reda', sub: 'b' }, { team: 'red', sub: 'ab' }],
    ['gcp://p/x-{team}__{sub}', { team: 'red_', sub: 'b' }, { team: 'red', sub: '_b' }],
    ['gcp://p/{team}.{sub}.{mail}', { team: 'r', sub: 'a.b', mail: 'c' }, { team: 'r', sub: 'a', mail: 'b.c' }],
  ])('A-23: makes of %s no reference that claims of somebody else make as well', (reference, one, other) => {
    const made = [one, other].map((claims) => {
      try {
        return expand(reference, caller(claims));
      } catch (error) {
        return error;
      }
    });
    expect(made[0]).not.toBe(made[1]);
    expect(made).toContainEqual(expect.objectContaining({ code: 'SECRET_CLAIM_REFUSED' }));
    expect(expand('gcp://p/{team}--{sub}', caller({ team: 'red-1', sub: 'a-b' }))).toBe('gcp://p/red-1--a-b');
    expect(expand('gcp://p/{team}/{sub}', caller({ team: 'red-1', sub: 'a' }))).toBe('gcp://p/red-1/a');
  });

  it('takes 128 characters, and no claim from where none was proved', () => {
    expect(expand('gcp://p/{team}', caller({ team: 'x'.repeat(128) }))).toHaveLength(8 + 128);
    const refused = expect.objectContaining({ code: 'SECRET_CLAIM_REFUSED' }) as Error;
    expect(() => expand('gcp://p/{consumer}', { name: 'hostler' })).toThrow(refused);
    expect(() => expand('gcp://p/{sub}', { name: 'x', identity: { method: 'key', credential: 'k1' } })).toThrow(
      refused,
    );
    expect(() => expand('gcp://p/{constructor}', caller({}))).toThrow(refused);
    expect(() => expand('gcp://p/{a.length}', caller({ a: 'text' }))).toThrow(refused);
  });

  it('takes the subject where that is all that was proved', () => {
    expect(expand('gcp://p/{sub}', caller())).toBe('gcp://p/ann');
  });

  it('is told from others, and has a form without a caller', () => {
    expect([isTemplate('gcp://p/a'), isTemplate('gcp://p/{a}'), isTemplate('gcp://p/a}')]).toEqual([false, true, true]);
    expect(sampleOf('gcp://p/users-{sub}-{realm.team}')).toBe('gcp://p/users-x-x');
  });
});
