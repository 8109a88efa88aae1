import { describe, expect, it } from 'vitest';
import { enclosingUris } from './enclosing-uris.ts';

describe('enclosingUris', () => {
  it.each([
    ['file:///a/b', ['file:///a/b', 'file:', 'file:/', 'file://', 'file:///', 'file:///a', 'file:///a/']],
    ['a:b#c', ['a:b#c', 'a:b', 'a:b#']],
    ['a:b?c=/', ['a:b?c=/', 'a:b', 'a:b?', 'a:b?c=']],
    ['a:b', ['a:b']],
    ['', ['']],
  ])('of %s', (uri, expected) => {
    expect([...enclosingUris(uri)].sort()).toEqual([...expected].sort());
    expect(enclosingUris(uri)[0]).toBe(uri);
  });

  it('never takes a sibling for a parent', () => {
    expect(enclosingUris('file:///a/bc')).not.toContain('file:///a/b');
  });

  it('stays small for a URI that is nothing but borders', () => {
    expect(enclosingUris('/'.repeat(2_000)).length).toBeLessThan(200);
  });
});
