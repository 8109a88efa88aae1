import type { ViewKind, ViewSpec } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { compileGlob } from './view-glob.ts';
import { createView, emptyView, fullView, intersectViews } from './view.ts';

describe('compileGlob', () => {
  it.each([
    ['read', 'read', true],
    ['read', 'Read', false],
    ['read_*', 'read_file', true],
    ['read_*', 'read_', true],
    ['*', '', true],
    ['*', 'a/b', false],
    ['*', 'a__b', false],
    ['*', 'a_b_c', true],
    ['*', '_', true],
    ['*_*', 'a__b', false],
    ['create_*', 'create__draft', false],
    ['create__*', 'create__draft', true],
    ['create__*', 'create___draft', false],
    ['*_x', 'a__x', false],
    ['a_*_b', 'a__b', false],
    ['a_**_b', 'a__b', true],
    ['a_*_b', 'a_x_b', true],
    ['?*', '__', false],
    ['??', '__', true],
    ['a*b', 'a__b', false],
    ['**', 'a/b__c', true],
    ['a**c', 'a/b__c', true],
    ['***', 'a/b', true],
    ['?', '/', true],
    ['?', '', false],
    ['?', '😀', true],
    ['file:///data/**', 'file:///data/a/b', true],
    ['file:///data/**', 'file:///data', false],
    ['file:///data/*', 'file:///data/a/b', false],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
  ])('%j and %j: %s', (glob, text, expected) => {
    expect(compileGlob(glob).fits(text)).toBe(expected);
  });

  it('agrees with trying every way of cutting short texts', () => {
    const words = (count: number, from: readonly string[]): string[] =>
      count === 0 ? [''] : words(count - 1, from).flatMap((word) => ['', ...from].map((letter) => word + letter));
    const texts = [...new Set(words(4, ['a', '_', '/']))];
    for (const text of new Set(words(4, ['a', '_', '*', '?', '/']))) {
      const glob = compileGlob(text);
      expect([text, texts.filter((one) => glob.fits(one))]).toEqual([text, texts.filter((one) => byRuns(text, one))]);
    }
  });

  it('agrees with it also on longer ones', () => {
    const random = sequence(11);
    const some = (most: number, from: readonly string[]): string =>
      Array.from({ length: random(most + 1) }, () => from[random(from.length)]).join('');
    const wrong: string[][] = [];
    let fitting = 0;
    for (let round = 0; round < 20_000; round++) {
      const glob = some(9, ['a', 'a', '_', '_', '__', '/', '*', '*', '**', '?']);
      const text = some(9, ['a', 'a', '_', '_', '__', '/']);
      const expected = byRuns(glob, text);
      if (expected) fitting++;
      if (compileGlob(glob).fits(text) !== expected) wrong.push([glob, text]);
    }
    expect(wrong).toEqual([]);
    expect(fitting).toBeGreaterThan(500);
  });

  it('is not kept busy by a text', () => {
    const begun = process.threadCpuUsage();
    compileGlob(`${'**a*?'.repeat(30)}b`).fits('a_'.repeat(8_000));
    const { user, system } = process.threadCpuUsage(begun);
    expect((user + system) / 1_000).toBeLessThan(2_000);
  });
});

/**
 * Every way of cutting the text, tried one by one: what a `*` stands for has no `/`, and no `__` either, together with the
 * characters beside it.
 */
function byRuns(glob: string, text: string, at = 0): boolean {
  const [, star, rest] = /^(\*+)(.*)$/s.exec(glob) ?? [];
  if (star !== undefined && rest !== undefined) {
    for (let end = at; end <= text.length; end++) {
      const isRun = star !== '*' || !text.slice(at, end).includes('/');
      const isApart = star !== '*' || !text.slice(Math.max(0, at - 1), end + 1).includes('__');
      if (isRun && isApart && byRuns(rest, text, end)) return true;
    }
    return false;
  }
  if (glob === '') return at === text.length;
  return at < text.length && (glob[0] === '?' || glob[0] === text[at]) && byRuns(glob.slice(1), text, at + 1);
}

describe('createView', () => {
  it.each<[ViewSpec, ViewKind, string, string, boolean]>([
    [{}, 'tool', 'a', 'x', true],
    [{ servers: ['a'] }, 'tool', 'a', 'x', true],
    [{ servers: ['a'] }, 'tool', 'b', 'x', false],
    [{ servers: ['a'] }, 'tool', 'A', 'x', false],
    [{ servers: [] }, 'tool', 'a', 'x', false],
    [{ allow: [] }, 'tool', 'a', 'x', false],
    [{ servers: ['a'], allow: [] }, 'prompt', 'a', 'x', false],
    [{ allow: ['tool:a/create_*'] }, 'tool', 'a', 'create_issue', true],
    [{ allow: ['tool:a/create_*'] }, 'tool', 'a', 'Create_issue', false],
    [{ allow: ['tool:a/create_*'] }, 'prompt', 'a', 'create_issue', false],
    [{ allow: ['tool:a/create_*'] }, 'tool', 'b', 'create_issue', false],
    [{ allow: ['tool:a/create_*'] }, 'tool', 'a', 'create_a__b', false],
    [{ allow: ['prompt:*/summarize'] }, 'prompt', 'b', 'summarize', true],
    [{ allow: ['a/x'] }, 'tool', 'a', 'x', true],
    [{ allow: ['a/x'] }, 'resource', 'a', 'x', true],
    [{ servers: ['b'], allow: ['a/x'] }, 'tool', 'a', 'x', false],
    [{ deny: ['tool:a/x'] }, 'tool', 'a', 'x', false],
    [{ deny: ['tool:a/x'] }, 'tool', 'a', 'y', true],
    [{ allow: ['a/x'], deny: ['a/x'] }, 'tool', 'a', 'x', false],
    [{ allow: ['resource:f/file:///data/**'] }, 'resource', 'f', 'file:///data/a/b', true],
    [{ allow: ['resource:f/file:///data/**'] }, 'resource', 'f', 'file:///other', false],
    [{ allow: ['resource:f/file:///data/*'] }, 'resource', 'f', 'file:///data/a/b', false],
    [{ allow: ['resource:f/file:///{path}'] }, 'resource', 'f', 'file:///{path}', true],
  ])('%j lets %s %s/%s through: %s', (...[spec, kind, server, name, expected]) => {
    expect(createView(spec).allows(kind, server, name)).toBe(expected);
  });

  it.each([
    'file:///data/../secret/x',
    'file:///data/%2e%2e/secret/x',
    'file:///data/..%2Fsecret/x',
    'file:///data/%252e%252e/secret/x',
    'file:///data/..\\secret/x',
    'file:///data/a/./../../secret/x',
  ])('does not let %s out of what is allowed', (uri) => {
    expect(createView({ allow: ['resource:f/file:///data/**'] }).allows('resource', 'f', uri)).toBe(false);
  });

  it.each([
    'file:///secret/x',
    'FILE:///secret/x',
    'file:/secret/x',
    'file://localhost/secret/x',
    'file:////secret//x',
    'file:///%73ecret/x',
    'file:///a/../secret/x',
    'file:\\\\\\secret\\x',
  ])('denies %s however it is written', (uri) => {
    expect(createView({ deny: ['resource:f/file:///secret/**'] }).allows('resource', 'f', uri)).toBe(false);
  });

  it.each(['file:///my%20data/x', 'repo://Owner//x', 'urn:X:y:Z', 'db://h/a?q=1', 'note:Some%2Fthing'])(
    'lets %s through where it is allowed as it is written',
    (uri) => {
      expect(createView({ allow: [`resource:f/${uri}`] }).allows('resource', 'f', uri)).toBe(true);
    },
  );

  it('lets no endless name through', () => {
    expect(createView({ allow: ['a/**'] }).allows('tool', 'a', 'x'.repeat(20_000))).toBe(false);
  });

  it.each<[ViewSpec, string, boolean, boolean]>([
    [{ servers: ['a'] }, 'a', true, true],
    [{ servers: ['a'] }, 'b', false, false],
    [{ allow: ['tool:a/x'] }, 'a', true, false],
    [{ allow: ['tool:a/x'] }, 'b', false, false],
    [{ allow: ['a/**'] }, 'a', true, true],
    [{ allow: ['tool:a/**'] }, 'a', true, false],
    [{ servers: ['a', 'b'], allow: ['tool:a/x'] }, 'b', false, false],
    [{ deny: ['a/**'] }, 'a', false, false],
    [{ deny: ['a/**'] }, 'b', true, true],
    [{ deny: ['tool:a/**'] }, 'a', true, false],
    [{ deny: ['*/x'] }, 'a', true, false],
  ])('%j has %s: %s, all of it: %s', (spec, server, has, hasAll) => {
    const view = createView(spec);
    expect([view.hasServer(server), view.hasAll?.(server)]).toEqual([has, hasAll]);
  });

  it('is the full or the empty view itself where that is what is meant', () => {
    expect(createView({})).toBe(fullView);
    expect(createView({ deny: [] })).toBe(fullView);
    expect(createView({ servers: [] })).toBe(emptyView);
    expect(createView({ allow: [], deny: ['a/x'] })).toBe(emptyView);
  });

  it('has the same key for the same, and another for anything else', () => {
    const key = createView({ servers: ['a', 'b'], deny: ['a/x', 'b/y'] }).key;
    expect(createView({ servers: ['b', 'a', 'a'], deny: ['b/y', 'a/x'] }).key).toBe(key);
    const others: ViewSpec[] = [
      { servers: ['a', 'b'], allow: ['a/x', 'b/y'] },
      { servers: ['a'], deny: ['a/x', 'b/y'] },
      { deny: ['a/x', 'b/y'] },
      { servers: ['a', 'b'] },
    ];
    expect(new Set([key, ...others.map((spec) => createView(spec).key)]).size).toBe(others.length + 1);
  });

  it.each(['a', 'tool:a', '/x', 'tools:a/x', 'a b/x', 'a/', ''])('refuses %j', (pattern) => {
    expect(() => createView({ allow: [pattern] })).toThrow(TypeError);
    expect(() => createView({ deny: [pattern] })).toThrow(TypeError);
  });

  it('never lets more through for one more denial, or one allowance or server fewer', () => {
    const random = sequence(7);
    const pick = <Value>(from: readonly Value[]): Value => from[random(from.length)] as Value;
    const pattern = (): string =>
      `${pick(['', 'tool:', 'prompt:', 'resource:'])}${pick(['a', 'b', '*', '?'])}/${pick(['x', 'x*', '**', '*', '?', 'x/*', 'x__**', 'file:///**'])}`;
    const some = (most: number): string[] => Array.from({ length: random(most + 1) }, pattern);
    const wrong: unknown[] = [];
    const names = ['x', 'y', 'xy', 'x/y', 'x__y', 'file:///x', 'file:///x/../y'];
    for (let round = 0; round < 2_000; round++) {
      const allow = some(3);
      const deny = some(2);
      const servers = pick([['a'], ['a', 'b'], ['b']]);
      const wide = createView({ servers, deny, ...(allow.length > 0 && { allow }) });
      const narrower = [
        createView({ servers, deny: [...deny, pattern()], ...(allow.length > 0 && { allow }) }),
        createView({ servers: servers.slice(1), deny, ...(allow.length > 0 && { allow }) }),
        createView({ servers, deny, allow: allow.slice(1) }),
      ];
      for (const kind of ['tool', 'prompt', 'resource'] as const) {
        for (const server of ['a', 'b', 'c']) {
          for (const name of names) {
            const isAllowed = wide.allows(kind, server, name);
            const isWider = !isAllowed && narrower.some((view) => view.allows(kind, server, name));
            const isTorn = isAllowed ? !wide.hasServer(server) : wide.hasAll?.(server) === true;
            if (isWider || isTorn) wrong.push({ allow, deny, servers, kind, server, name });
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

/** The same numbers each time. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('what two views let through', () => {
  const servers = createView({ servers: ['a', 'b'], deny: ['tool:a/x'] });
  const patterns = createView({ allow: ['a/**', 'tool:b/get_*'] });

  it('is what each of them does', () => {
    const both = intersectViews(servers, patterns);
    const asked = ['a', 'b', 'c'].flatMap((server) => ['x', 'get_x', 'y'].map((name) => [server, name] as const));
    for (const [server, name] of asked) {
      const isSeen = servers.allows('tool', server, name) && patterns.allows('tool', server, name);
      expect([server, name, both.allows('tool', server, name)]).toEqual([server, name, isSeen]);
    }
    expect([both.hasServer('b'), both.hasServer('c'), both.hasAll?.('a'), both.hasAll?.('b')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(intersectViews(createView({ servers: ['a'] }), createView({ deny: ['b/**'] })).hasAll?.('a')).toBe(true);
  });

  it('has a key of its own, the same for the same two', () => {
    const again = intersectViews(createView({ servers: ['b', 'a'], deny: ['tool:a/x'] }), patterns);
    expect(again.key).toBe(intersectViews(servers, patterns).key);
    expect(again.key).not.toBe(intersectViews(servers, createView({ allow: ['a/**'] })).key);
    expect([intersectViews(fullView, patterns), intersectViews(patterns, fullView)]).toEqual([patterns, patterns]);
    expect([intersectViews(emptyView, patterns), intersectViews(patterns, emptyView)]).toEqual([emptyView, emptyView]);
  });
});
