import { expect, test } from 'vitest';
import { StandardLists } from './standard-lists.ts';

test('the same words have the same list, and no others', () => {
  const lists = new StandardLists();
  const call = (name: unknown) => lists.of({ method: 'tools/call', params: { name } as never });
  const echo = ['mcp-protocol-version', '2026-07-28', 'mcp-method', 'tools/call', 'mcp-name', 'echo'];
  expect(call('echo')).toEqual(echo);
  expect(call('echo')).toBe(call('echo'));
  expect(call('other')).toEqual([...echo.slice(0, -1), 'other']);
  // No name is another thing than an empty one.
  expect(call(undefined)).toEqual(echo.slice(0, 4));
  expect(call('')).toEqual([...echo.slice(0, -1), '=?base64??=']);
  expect(call('\u00e9')).toEqual([...echo.slice(0, -1), '=?base64?w6k=?=']);
  expect(lists.of({ method: 'tools/list', params: { name: 'echo' } })).toHaveLength(4);
});

test('a name that is long is written each time, and kept by nobody', () => {
  const lists = new StandardLists();
  const read = () => lists.of({ method: 'resources/read', params: { uri: 'x'.repeat(200) } });
  expect(read()).toEqual(read());
  expect(read()).not.toBe(read());
});

test('of many names the first are kept, and all are right', () => {
  const lists = new StandardLists();
  const call = (index: number) => lists.of({ method: 'tools/call', params: { name: `tool-${index}` } });
  for (let index = 0; index < 100; index += 1) expect(call(index).at(-1)).toBe(`tool-${index}`);
  expect(call(0)).toBe(call(0));
  expect(call(99)).toEqual(call(99));
  expect(call(99)).not.toBe(call(99));
});
