import { join } from 'node:path';
import { searchAudit, verifyAudit } from '@hostler/audit';
import type { AuditRecord } from '@hostler/audit';
import type { ConfigFile } from '@hostler/config';
import { temporaryDirectory } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { openCommandLine } from './command-line.ts';
import { bearer, newKey, startGuarded } from './guarded-host.ts';
import type { GuardedHost } from './guarded-host.ts';
import { commandToolDoors, mcpToolDoors, restToolDoors } from './tool-doors.ts';
import type { ToolDoor } from './tool-doors.ts';

const { key, entry } = newKey();
const CANARY = 'canary-of-an-argument';
const consumers: NonNullable<ConfigFile['consumers']> = { ci: { keys: [entry], deny: ['tool:*/bad*'] } };

interface World {
  readonly host: GuardedHost;
  readonly doors: readonly ToolDoor[];
}

/** Two hosts, one that listens and one of the command line, each with a record of its own. */
async function openDoors(
  audits: Readonly<Record<'host' | 'line', ConfigFile['audit']>>,
  stack: AsyncDisposableStack,
): Promise<World> {
  const settings = { log: { level: 'error' }, consumers, bundles: { all: {} } } as const;
  const host = stack.use(await startGuarded({ ...settings, ...(audits.host && { audit: audits.host }) }));
  const line = stack.use(await openCommandLine({ ...host.config, ...(audits.line && { audit: audits.line }) }));
  const visit = { consumer: 'ci', headers: bearer(key), server: 'one', bundle: 'all' };
  const open = await mcpToolDoors(host.url, visit, stack);
  return {
    host,
    doors: [...open, ...restToolDoors(host.url, visit), ...(await commandToolDoors(line, visit, stack))],
  };
}

async function recordsIn(directory: string): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const { record } of searchAudit(directory, {})) records.push(record);
  return records;
}

/** What is not right about the records of a call with this canary, and of one that was refused. */
function wrongOf(door: ToolDoor, records: readonly AuditRecord[]): readonly string[] {
  const calls = records.filter(({ kind }) => kind === 'call');
  const pair = calls.map(({ phase, result, consumer, server, name }) =>
    JSON.stringify([phase, result, consumer, server, name]),
  );
  const should = [undefined, 'ok'].map((result, index) =>
    JSON.stringify([['intent', 'outcome'][index], result, 'ci', 'one', 'yes']),
  );
  const ids = new Set(calls.map(({ id }) => id));
  const refusals = records.filter(({ kind, rule }) => kind === 'decision' && rule === 'view');
  return [
    ...(pair.join() === should.join() && ids.size === 1 ? [] : [`${door.name}: ${pair.join(', ') || 'nothing'}`]),
    ...(refusals.length === (door.looksFirst === true ? 0 : 1) ? [] : [`${door.name}: ${refusals.length} refusals`]),
    ...(JSON.stringify(records).includes(CANARY) ? [`${door.name}: an argument`] : []),
  ];
}

it('U-6 a call at any door has one pair, and no argument in it', async () => {
  await using folder = await temporaryDirectory();
  const directories = { host: join(folder.path, 'host'), line: join(folder.path, 'line') };
  {
    await using stack = new AsyncDisposableStack();
    const toFile = (directory: string) => ({ sinks: [{ type: 'file' as const, directory }] });
    const { doors } = await openDoors({ host: toFile(directories.host), line: toFile(directories.line) }, stack);
    const all = async (): Promise<readonly AuditRecord[]> => [
      ...(await recordsIn(directories.host)),
      ...(await recordsIn(directories.line)),
    ];
    const seen = new Set<string>();
    const identify = ({ time, id, seq, hash }: AuditRecord): string => [time, id, seq, hash].join(' ');
    for (const [number, door] of doors.entries()) {
      // oxlint-disable no-await-in-loop -- one after the other, to know whose record is whose
      const isDone = (await door.call('yes', { value: CANARY })).isDone;
      // Each of another name: the same again would be counted with the first.
      const isRefused = !(await door.call(`bad-${number}`, { value: CANARY })).isDone;
      expect([door.name, isDone, isRefused]).toEqual([door.name, true, true]);
      const own = async (): Promise<readonly string[]> =>
        wrongOf(
          door,
          (await all()).filter((record) => !seen.has(identify(record))),
        );
      await expect.poll(own, { timeout: 30_000, interval: 20 }).toEqual([]);
      for (const record of await all()) seen.add(identify(record));
      // oxlint-enable no-await-in-loop
    }
  }
  expect(await verifyAudit(directories.host)).toMatchObject({ problems: [], isIntact: true });
  expect(await verifyAudit(directories.line)).toMatchObject({ problems: [], isIntact: true });
});

it('U-5 nothing is run at any door while nothing can be written', async () => {
  await using stack = new AsyncDisposableStack();
  const nowhere = { sinks: [{ type: 'http' as const, url: 'http://127.0.0.1:1/' }] };
  const { host, doors } = await openDoors({ host: nowhere, line: nowhere }, stack);
  const before = await host.uses();
  const answers = await Promise.all(
    doors.map(async (door) => {
      const { isDone, text } = await door.call('yes');
      return !isDone && text.includes('AUDIT_UNAVAILABLE') ? [] : [`${door.name}: ${text}`];
    }),
  );
  expect(answers.flat()).toEqual([]);
  expect(await host.uses()).toBe(before);
});
