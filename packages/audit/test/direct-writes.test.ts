import { open, readFile } from 'node:fs/promises';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Payload } from '@hostler/kernel';
import { expect, it } from 'vitest';
import { createFileSink, searchAudit, verifyAudit } from '../src/index.ts';
import type { AuditRecord, FileSinkOptions } from '../src/index.ts';
import { DrivenClock } from './support/driven-clock.ts';
import { exchangeFor, openTestAudit, SILENT, targetOf, withFolder } from './support/open-test-audit.ts';
import type { TestAudit } from './support/open-test-audit.ts';

const RESULT = { kind: 'result', era: 'modern', payload: Payload.of({ content: [] }) } as const;

async function call({ audit }: Pick<TestAudit, 'audit'>, id: string): Promise<void> {
  const exchange = exchangeFor(id);
  const record = audit.calls.begin(exchange);
  await record.intent(targetOf(exchange));
  record.outcome(RESULT, { isToolError: false });
}

interface Disk {
  writes: number;
  /** Bytes it takes; 0: it refuses. */
  most: number;
  delay: number;
}

/** A host whose writes within the turn go through a disk that can be slow or full. */
async function hostOn(directory: string, more: Partial<FileSinkOptions> = {}) {
  const clock = new DrivenClock();
  const disk: Disk = { writes: 0, most: Number.POSITIVE_INFINITY, delay: 0 };
  const sink = createFileSink({
    directory,
    sync: 'never',
    clock,
    log: SILENT,
    writeSync(file, bytes, position) {
      disk.writes += 1;
      clock.pass(disk.delay);
      if (disk.most === 0) throw new Error('ENOSPC');
      return writeSync(file, bytes, 0, Math.min(bytes.length, disk.most), position);
    },
    // As it is on a local disk, whatever this one is.
    isLocal: () => Promise.resolve(true),
    ...more,
  });
  const { audit } = await openTestAudit({ sink, clock });
  return { disk, clock, audit };
}

async function idsIn(directory: string): Promise<readonly (string | undefined)[]> {
  const ids: (string | undefined)[] = [];
  for await (const { record } of searchAudit(directory, { kind: 'call' })) {
    if (record.phase === 'intent') ids.push(record.id);
  }
  return ids;
}

/** What comes a turn later has come. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

async function phasesIn(directory: string): Promise<readonly string[]> {
  const text = await readFile(join(directory, 'audit-0-00000001.jsonl'), 'utf8');
  const lines = text.trimEnd().split('\n');
  return lines.flatMap((line) => {
    const { id, phase } = JSON.parse(line) as AuditRecord;
    return phase === undefined ? [] : [`${id} ${phase}`];
  });
}

it('a call beside which there is no other waits for nobody: it is in the file at once, and its end a turn later', () =>
  withFolder(async (directory) => {
    const host = await hostOn(directory);
    await call(host, 'first');
    await turn();
    const exchange = exchangeFor('second');
    const record = host.audit.calls.begin(exchange);
    expect(record.intent(targetOf(exchange))).toBeUndefined();
    expect(await phasesIn(directory)).toEqual(['first intent', 'first outcome', 'second intent']);
    record.outcome(RESULT, { isToolError: false });
    await turn();
    expect(await phasesIn(directory)).toEqual(['first intent', 'first outcome', 'second intent', 'second outcome']);
    await host.audit.close();
    expect(await verifyAudit(directory)).toMatchObject({ isIntact: true, problems: [] });
  }));

it('calls that come while others are under way are written together, and so are the ends before them', () =>
  withFolder(async (directory) => {
    const host = await hostOn(directory);
    await call(host, 'first');
    await turn();
    const longExchange = exchangeFor('long');
    const long = host.audit.calls.begin(longExchange);
    expect(long.intent(targetOf(longExchange))).toBeUndefined();
    const { writes } = host.disk;
    await Promise.all([call(host, 'one'), call(host, 'two'), call(host, 'three')]);
    expect(host.disk.writes).toBe(writes + 1);
    await turn();
    // Nobody waits for these ends, and the long one is under way.
    expect(host.disk.writes).toBe(writes + 1);
    await call(host, 'four');
    expect(host.disk.writes).toBe(writes + 2);
    expect((await phasesIn(directory)).slice(-4)).toEqual([
      'one outcome',
      'two outcome',
      'three outcome',
      'four intent',
    ]);
    long.outcome(RESULT, { isToolError: false });
    await turn();
    expect((await phasesIn(directory)).slice(-2)).toEqual(['four outcome', 'long outcome']);
    await host.audit.close();
    expect(await verifyAudit(directory)).toMatchObject({ isIntact: true, problems: [] });
  }));

it.each([
  ['that is full', { most: 0 }],
  ['that takes a part of it', { most: 20 }],
  ['that makes it wait', { delay: 200 }],
])('a disk %s within the turn: it is written beside the turn, and nothing is double or torn', (_what, trouble) =>
  withFolder(async (directory) => {
    const host = await hostOn(directory);
    await call(host, 'before');
    Object.assign(host.disk, trouble);
    await call(host, 'during');
    await call(host, 'then');
    Object.assign(host.disk, { most: Number.POSITIVE_INFINITY, delay: 0 });
    host.clock.pass(1_000);
    const { writes } = host.disk;
    await call(host, 'after');
    expect(host.disk.writes).toBeGreaterThan(writes);
    expect(host.audit.state()).toMatchObject({ refused: 0, sinks: [{ failing: false, failures: 0 }] });
    await host.audit.close();
    expect(await idsIn(directory)).toEqual(['before', 'during', 'then', 'after']);
    expect(await verifyAudit(directory)).toMatchObject({ isIntact: true, problems: [] });
  }),
);

it.each([
  ['whoever waits for the disk', { sync: 'always' }],
  ['a folder behind a network', { isLocal: () => Promise.resolve(false) }],
] as const)('nothing is written within the turn for %s', (_what, more) =>
  withFolder(async (directory) => {
    const host = await hostOn(directory, more);
    await call(host, 'one');
    await call(host, 'two');
    await host.audit.close();
    expect(host.disk.writes).toBe(0);
    expect(await idsIn(directory)).toEqual(['one', 'two']);
  }),
);

it('nothing is written within the turn while the disk is made to keep what there is', () =>
  withFolder(async (directory) => {
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow: typeof open = async (path, flags, mode) => {
      const file = await open(path, flags, mode);
      const datasync = async (): Promise<void> => {
        begun.resolve();
        await held.promise;
      };
      return Object.assign(file, { datasync });
    };
    const host = await hostOn(directory, { sync: 'interval', openFile: slow });
    await call(host, 'one');
    await call(host, 'two');
    host.clock.pass(1_000);
    await begun.promise;
    const { writes } = host.disk;
    await call(host, 'three');
    expect(host.disk.writes).toBe(writes);
    held.resolve();
    await expect
      .poll(
        async () => {
          await call(host, 'again');
          return host.disk.writes;
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThan(writes);
    await host.audit.close();
    expect(await verifyAudit(directory)).toMatchObject({ isIntact: true, problems: [] });
  }));
