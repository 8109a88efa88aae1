import { describe, expect, it } from 'vitest';
import { toViewSpec } from './view-spec.ts';

const none: object = {};

describe('toViewSpec', () => {
  it.each([
    ['nothing', none, {}],
    ['a list', { servers: ['a'], allow: ['a/x'] }, { servers: ['a'], allow: ['a/x'] }],
    ['an empty list', { servers: [] }, { servers: [] }],
    ['an empty map', { servers: {} }, { servers: [] }],
    ['a map without rules', { servers: { a: {}, b: {} } }, { servers: ['a', 'b'] }],
    [
      'rules of one server',
      { servers: { a: { allow: ['tool:get_*', 'x'], deny: ['resource:file:///etc/**'] }, b: {} } },
      { servers: ['a', 'b'], allow: ['tool:a/get_*', 'a/x', 'b/**'], deny: ['resource:a/file:///etc/**'] },
    ],
    ['nothing of one server', { servers: { a: { allow: [] }, b: {} } }, { servers: ['a', 'b'], allow: ['b/**'] }],
    ['nothing of any', { servers: { a: { allow: [] } } }, { servers: ['a'], allow: [] }],
    [
      'rules of one server beside those of all',
      { servers: { a: { allow: ['x'] }, b: {} }, allow: ['tool:*/get_*', 'prompt:a/**'], deny: ['*/y'] },
      { servers: ['a', 'b'], allow: ['a/x', 'tool:b/get_*'], deny: ['*/y'] },
    ],
  ])('makes patterns of %s', (_, view, spec) => {
    expect(toViewSpec(view)).toEqual(spec);
  });
});
