import type { JsonObject } from '@hostler/kernel';
import { DrivenClock } from '@hostler/test-kit';
import { hostAsClient } from '@hostler/upstream';
import { expect, it } from 'vitest';
import { FakeConnection } from '../test/support/fake-pool.ts';
import { CatalogCache } from './catalog-cache.ts';
import { defaultListLimits } from './fetch-lists.ts';
import { ListReader } from './list-reader.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** A server with tools, a reader of its lists, and how often it was asked for them. */
function setUp() {
  const tools: JsonObject[] = [{ name: 'one' }, { name: 'two' }];
  let asked = 0;
  const connection = new FakeConnection({ tools: {} }, (method) => {
    asked += 1;
    return method === 'tools/list' ? { tools } : undefined;
  });
  const cache = new CatalogCache();
  const reader = new ListReader({
    clock: new DrivenClock(),
    log,
    limits: defaultListLimits,
    intern: (server, lists) => cache.intern(server, lists),
  });
  return { tools, read: () => reader.read('files', connection, hostAsClient), reader, asked: () => asked };
}

it('reads once, until it is told that this is outdated', async () => {
  const { read, reader, asked } = setUp();
  await read();
  await read();
  expect(asked()).toBe(1);
  reader.outdate('files');
  await read();
  expect(asked()).toBe(2);
});

it('keeps the same definitions once, however often they are read', async () => {
  const { tools, read, reader } = setUp();
  const first = await read();
  reader.outdate('files');
  expect((await read()).lists).toBe(first.lists);
  tools.push({ name: 'three' });
  reader.outdate('files');
  const third = await read();
  expect(third.lists.tool.map(({ key }) => key)).toEqual(['one', 'two', 'three']);
  expect(third.lists).not.toBe(first.lists);
});
