import { describe, expect, it } from 'vitest';
import { problemsOf } from '../test/support/problems-of.ts';

/** Of these lines below one server. */
function problemsWith(...lines: readonly string[]): string[] {
  return problemsOf(['servers: { github: { command: a } }', ...lines, ''].join('\n'));
}

describe('limits that cannot be meant', () => {
  it('are told all at once, where they stand', () => {
    const problems = problemsWith(
      'consumers:',
      '  a: { limits: { waiting: 4 } }',
      '  b: { limits: { tools: { "githib/create_*": 1/s } } }',
      '  c: { limits: { tools: { "create_*": 1/s } } }',
      '  d: { limits: { tools: { "github/x": 1/d }, streams: 0, sessions: 10001, subscriptions: -1 } }',
      'limits: { addresses: 5 }',
    );
    expect(problems.map((line) => line.replace(/^(\d+):\d+ /, '$1 '))).toEqual([
      '3 consumers.a.limits.waiting: needs "concurrent" beside it: nothing waits where all may run',
      '4 consumers.b.limits.tools["githib/create_*"]: there is no server or group "githib" (did you mean "github"?)',
      expect.stringContaining('5 consumers.c.limits.tools["create_*"]: must be a pattern such as github/create_*'),
      expect.stringContaining('6 consumers.d.limits.tools["github/x"]: must be a rate such as'),
      expect.stringContaining('6 consumers.d.limits.streams: must be a whole number'),
      expect.stringContaining('6 consumers.d.limits.sessions: must be a whole number'),
      expect.stringContaining('6 consumers.d.limits.subscriptions: must be a whole number'),
      expect.stringContaining('7 limits.addresses: expected a rate such as 100/s, or off'),
    ]);
  });

  it.each([
    ['{}', 'missing key "url" or "socket"'],
    ['{ url: redis://x, socket: y }', 'redis has either url or socket, not both'],
    ['{ url: redis://x, user: y }', 'needs "password" beside it'],
    ['{ url: "redis://user:secret@x" }', 'must be redis://host:port'],
    ['{ url: "http://x" }', 'must be redis://host:port'],
    ['{ url: redis://x, password: sesame }', 'password'],
    ['{ url: redis://x, prefix: "a b" }', 'must be 1 to 64 letters'],
  ])('a store %s is refused', (redis, problem) => {
    const [first = '', ...others] = problemsWith(`limits: { store: { redis: ${redis} } }`);
    expect(first).toContain(problem);
    expect(first).not.toContain('sesame');
    expect(others).toEqual([]);
  });

  it.each(['redis://127.0.0.1:6379', 'rediss://redis.example.com:6380/2', 'redis://[::1]:6379'])(
    '%s is a store',
    (url) => {
      expect(problemsWith(`limits: { store: { redis: { url: '${url}' }, whenAway: refuse } }`)).toEqual([]);
    },
  );
});
