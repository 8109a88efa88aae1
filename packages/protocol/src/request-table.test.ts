import { expect, it } from 'vitest';
import { RequestTable } from './request-table.ts';

it('keeps what is under way by id, and tells numbers from texts', () => {
  const table = new RequestTable<string>();
  const ids = [1, '1', 0, '0', -1, 1.5, 2 ** 40, '', '__proto__', 'constructor', '"1', 'toString'];
  for (const id of ids) expect([table.has(id), table.get(id)]).toEqual([false, undefined]);
  for (const id of ids) table.set(id, `${typeof id} ${id}`);
  expect(table.size).toBe(ids.length);
  for (const id of ids) expect([table.has(id), table.get(id)]).toEqual([true, `${typeof id} ${id}`]);
  table.set(1, 'again');
  expect([table.size, table.get(1), table.get('1')]).toEqual([ids.length, 'again', 'string 1']);
  for (const id of ids) expect([table.delete(id), table.delete(id), table.has(id)]).toEqual([true, false, false]);
  expect([table.size, table.values()]).toEqual([0, []]);
});

it('gives its values in the order of the ids, and those of a moment', () => {
  const table = new RequestTable<number>();
  for (const id of [5, 6, 7, 2 ** 33, 2 ** 33 + 1]) table.set(id, id);
  const values = table.values();
  table.delete(6);
  expect(values).toEqual([5, 6, 7, 2 ** 33, 2 ** 33 + 1]);
  expect(table.values()).toEqual([5, 7, 2 ** 33, 2 ** 33 + 1]);
});
