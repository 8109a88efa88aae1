import { expect, it } from 'vitest';
import { measureToolsList } from './tools-list.ts';

// Other tests run at the same time: what happens once in three tries is theirs.
it.each([
  [50, 50],
  [3, 2_500],
])('%i servers with %i tools each are listed in less than 5 ms', { retry: 2 }, async (servers, tools) => {
  const { host } = await measureToolsList({ servers, tools, rounds: 300 });
  expect(host.p99).toBeLessThan(5);
});
