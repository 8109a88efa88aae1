import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { ErrorObject } from './outcome.ts';

/** Paths of any kind, stack frames, and what the fixtures say in their own words. */
const internals =
  /\n\s+at |node:|node_modules|(?:^|[\s"'(])\/(?:\w|\.)+\/|\.[cm]?[jt]s\b|chaos|CANARY|ECONN|EPIPE|ENOENT|EACCES/i;

const documented = readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

/** I8: a documented code, the id of the request, and nothing of the inside. */
export async function expectSafeError(error: ErrorObject): Promise<void> {
  const rows = (await documented).split('\n').filter((line) => line.includes(`\`${error.data?.code}\``));
  expect(rows, `${error.data?.code} in docs/errors.md`).not.toEqual([]);
  expect(rows.join('\n'), `${error.code} of ${error.data.code}`).toContain(String(error.code).replace('-', ''));
  expect(error.data.requestId).toMatch(/^[\w-]{8,64}$/);
  expect(JSON.stringify({ ...error, data: { ...error.data, server: undefined } })).not.toMatch(internals);
}
