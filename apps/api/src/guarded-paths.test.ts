import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { createAuthorization } from './access.ts';
import type { Access } from './access.ts';
import { createGuardedPaths } from './guarded-paths.ts';
import type { RestEnvironment } from './rest/add-rest.ts';

const runtime = (consumers?: readonly { name: string; permissions?: readonly 'servers:read'[] }[]) =>
  ({
    plan: { ...(consumers && { consumers: consumers.map((one) => ({ keys: [], tokens: [], ...one })) }) },
    anonymous: { name: 'anonymous' },
  }) as unknown as Parameters<typeof createAuthorization>[0];

function setUp() {
  const app = new Hono<RestEnvironment>();
  return { app, paths: createGuardedPaths(app, createAuthorization(runtime([{ name: 'a' }]))) };
}

it('adds no path that does not say who may ask', () => {
  const { paths } = setUp();
  for (const access of [undefined, '', 'servers:raed', 'everyone'] as unknown[] as Access[]) {
    expect(() => paths.add({ method: 'GET', path: '/x', access, answer: () => new Response() })).toThrow(
      'GET /x does not say who may ask',
    );
  }
});

it('finds what was added past it', () => {
  const { app, paths } = setUp();
  paths.identify((_, next) => next());
  paths.add({ method: 'GET', path: '/x', access: 'servers:read', answer: () => new Response() });
  expect(() => paths.check()).not.toThrow();
  app.post('/v1/past', () => new Response());
  expect(() => paths.check()).toThrow('POST /v1/past does not say who may ask');
});

it('answers nobody where nobody was asked who it is', async () => {
  const { app, paths } = setUp();
  const seen: string[] = [];
  app.onError((error) => (seen.push((error as unknown as { code: string }).code), new Response()));
  paths.add({ method: 'GET', path: '/x', access: 'consumers', answer: () => new Response('answered') });
  expect(await (await app.request('/x')).text()).toBe('');
  expect(seen).toEqual(['AUTH_MISSING']);
});

it('allows by the plan in force, and nothing to whoever is not in it', () => {
  const may = (consumers: Parameters<typeof runtime>[0], name: string) =>
    (['tools:use', 'servers:read', 'servers:write'] as const).map((permission) =>
      createAuthorization(runtime(consumers)).may({ name }, permission),
    );
  const some = [{ name: 'a', permissions: ['servers:read'] }, { name: 'b' }] as const;
  expect(may(some, 'a')).toEqual([true, true, false]);
  expect(may(some, 'b')).toEqual([true, false, false]);
  for (const name of ['c', 'anonymous', 'hostler'])
    expect([name, ...may(some, name)]).toEqual([name, false, false, false]);
  expect(may(undefined, 'anonymous')).toEqual([true, true, true]);
  expect(may(undefined, 'a')).toEqual([false, false, false]);
});
