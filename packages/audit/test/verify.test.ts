import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Payload } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { hashOf } from '../src/hash-of.ts';
import { createAuditKey, createFileSink, searchAudit, verifyAudit } from '../src/index.ts';
import type { ChainPosition } from '../src/index.ts';
import { DrivenClock } from './support/driven-clock.ts';
import { exchangeFor, openTestAudit, SILENT, targetOf, withFolder } from './support/open-test-audit.ts';

const RESULT = { kind: 'result', era: 'modern', payload: Payload.of({ content: [] }) } as const;

async function record(directory: string, calls: number, segmentBytes = 4_000): Promise<void> {
  const { audit } = await openTestAudit({ directory, segments: { bytes: segmentBytes, age: 3_600_000 } });
  for (let call = 0; call < calls; call += 1) {
    const exchange = exchangeFor(`call-${call}`);
    const known = audit.calls.begin(exchange);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await known.intent(targetOf(exchange));
    known.outcome(RESULT, { isToolError: false });
  }
  await audit.close();
}

interface Place {
  readonly file: string;
  readonly index: number;
}

async function linesOf(directory: string): Promise<Map<string, string[]>> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.jsonl')).toSorted();
  const files = names.map(async (name): Promise<[string, string[]]> => {
    return [name, (await readFile(join(directory, name), 'utf8')).trimEnd().split('\n')];
  });
  return new Map(await Promise.all(files));
}

function seqOf(line: string | undefined): number {
  return (JSON.parse(line ?? '{}') as { seq: number }).seq;
}

/** Every way to tamper with the line at a place. */
const TAMPERS: Readonly<Record<string, (lines: string[], index: number) => string[] | undefined>> = {
  deleted: (lines, index) => lines.toSpliced(index, 1),
  altered: (lines, index) => lines.with(index, (lines[index] ?? '').replace('"time":"2026', '"time":"2025')),
  'altered with a fitting length': (lines, index) => lines.with(index, flip(lines[index] ?? '')),
  'altered, with the hash that fits': (lines, index) => lines.with(index, rehash(flip(lines[index] ?? ''))),
  doubled: (lines, index) => lines.toSpliced(index, 0, lines[index] ?? ''),
  'no record any more': (lines, index) => lines.with(index, '{}'),
  swapped: (lines, index) => {
    const next = lines[index + 1];
    return next === undefined ? undefined : lines.with(index, next).with(index + 1, lines[index] ?? '');
  },
};

function flip(line: string): string {
  const at = line.indexOf('"kind":"') + 8;
  return `${line.slice(0, at)}x${line.slice(at + 1)}`;
}

function rehash(line: string): string {
  const [text = '', tail = ''] = line.split(',"hash":"');
  const { previous } = JSON.parse(line) as { previous: string };
  return `${text},"hash":"${hashOf(previous + text)}${tail.slice(64)}`;
}

describe('verify', () => {
  it('finds nothing wrong with what a host has left, over several segments and runs', () =>
    withFolder(async (directory) => {
      await record(directory, 5);
      await record(directory, 20);
      const report = await verifyAudit(directory);
      expect(report.problems).toEqual([]);
      expect(report.isIntact).toBe(true);
      expect((await linesOf(directory)).size).toBeGreaterThan(2);
      const [chain] = report.chains;
      expect(chain).toMatchObject({ first: 1, unknownCount: 0, isClosed: true, isBeingWritten: false });
      expect(chain?.signed).toBe(chain?.last);
      expect(chain?.records).toBe(chain?.last);
    }));

  it.each(Object.entries(TAMPERS))('names the first place of a line that is %s, wherever it is', (_how, tamper) =>
    withFolder(async (directory) => {
      await record(directory, 8, 3_000);
      const files = await linesOf(directory);
      const places: Place[] = [...files].flatMap(([file, lines]) => lines.map((_line, index) => ({ file, index })));
      expect(places.length).toBeGreaterThan(18);
      for (const { file, index } of places) {
        const lines = files.get(file) ?? [];
        const tampered = tamper(lines, index);
        if (tampered === undefined) continue;
        const path = join(directory, file);
        // oxlint-disable no-await-in-loop -- one after the other
        await writeFile(path, tampered.map((line) => `${line}\n`).join(''));
        const { isIntact, problems } = await verifyAudit(directory);
        await writeFile(path, `${lines.join('\n')}\n`);
        // oxlint-enable no-await-in-loop
        const seq = seqOf(lines[index]);
        expect(isIntact, `${file} line ${index + 1}`).toBe(false);
        // The last line of all has nothing after it that could show where it is missing.
        expect([seq, seq + 1], `${file} line ${index + 1}`).toContain(problems[0]?.seq);
        expect(problems[0]?.file).toContain('audit-0-');
      }
      expect((await verifyAudit(directory)).isIntact).toBe(true);
    }),
  );

  it('finds an end that was cut off, at every place', () =>
    withFolder(async (directory) => {
      await record(directory, 4, 1e6);
      const [[file, lines] = ['', []]] = await linesOf(directory);
      for (let end = 1; end < lines.length; end += 1) {
        // oxlint-disable no-await-in-loop -- one after the other
        await writeFile(join(directory, file), `${lines.slice(0, end).join('\n')}\n`);
        const { problems } = await verifyAudit(directory);
        expect(problems).toMatchObject([{ problem: 'truncated', seq: end + 1 }]);
        await writeFile(join(directory, file), `${lines.slice(0, end).join('\n')}\n${lines[end]?.slice(0, 40)}`);
        expect((await verifyAudit(directory)).problems).toMatchObject([{ problem: 'truncated', seq: end + 1 }]);
        // oxlint-enable no-await-in-loop
      }
    }));

  it('finds segments that are missing as a whole', () =>
    withFolder(async (directory) => {
      await record(directory, 20, 3_000);
      const files = await linesOf(directory);

      for (const file of files.keys()) {
        // oxlint-disable no-await-in-loop -- one after the other
        await rename(join(directory, file), join(directory, 'away'));
        const { problems } = await verifyAudit(directory);
        expect(problems[0]).toMatchObject({ problem: 'missing' });
        await rename(join(directory, 'away'), join(directory, file));
        // oxlint-enable no-await-in-loop
      }
    }));

  it('finds a record that somebody else has written from its beginning, by the key and by a known head', () =>
    withFolder(async (directory) => {
      await record(directory, 3);
      const other = createAuditKey(Buffer.alloc(32, 9));
      const report = await verifyAudit(directory, { key: other.publicKey });
      expect(report.problems[0]).toMatchObject({ problem: 'signature', seq: 1 });
      const [chain] = report.chains;
      const expected = { seq: chain?.last ?? 0, hash: chain?.head ?? '' };
      expect((await verifyAudit(directory, { expected })).isIntact).toBe(true);
      const wrong = { ...expected, hash: '0'.repeat(64) };
      expect((await verifyAudit(directory, { expected: wrong })).problems).toMatchObject([{ problem: 'missing' }]);
    }));

  it('finds an end that was cut off where it looks complete, by what the host remembers, and so does the host', () =>
    withFolder(async (directory) => {
      const anchors = new Map<string, ChainPosition>();
      const anchor = {
        read: (chain: string) => Promise.resolve(anchors.get(chain)),
        write: (chain: string, position: ChainPosition) => Promise.resolve(void anchors.set(chain, position)),
      };
      const run = async (event: string): Promise<void> => {
        const { audit } = await openTestAudit({ directory, anchor });
        audit.note(event);
        await audit.close();
      };
      await run('one');
      const [[file, lines] = ['', []]] = await linesOf(directory);
      await run('two');
      expect((await verifyAudit(directory, { anchors })).problems).toEqual([]);
      await writeFile(join(directory, file), `${lines.join('\n')}\n`);
      expect((await verifyAudit(directory)).isIntact).toBe(true);
      expect((await verifyAudit(directory, { anchors })).problems).toMatchObject([{ problem: 'truncated', seq: 4 }]);
      await run('three');
      const records: unknown[] = [];
      for await (const { record: each } of searchAudit(directory, { kind: 'host' })) records.push(each);
      expect(records).toMatchObject([
        { event: 'one' },
        { event: 'records-missing', from: 4, to: 5 },
        { event: 'three' },
      ]);
    }));

  it('finds a range that was rewritten with fitting hashes: the next signature is for other records', () =>
    withFolder(async (directory) => {
      await record(directory, 2, 1e6);

      const [[file, lines] = ['', []]] = await linesOf(directory);
      let previous = '0'.repeat(64);
      const forged = lines.map((line, index) => {
        const own = JSON.parse(line) as { previous: string; hash: string; signature?: string };
        const named = index === 1 ? line.replace('"consumer":"ci"', '"consumer":"me"') : line;
        const text = named.slice(0, named.indexOf(',"hash":')).replace(own.previous, previous);
        previous = hashOf(previous + text);
        const signature = own.signature === undefined ? '' : `,"signature":"${own.signature}"`;
        return `${text},"hash":"${previous}"${signature}}`;
      });
      expect(forged[1]).not.toBe(lines[1]);
      await writeFile(join(directory, file), `${forged.join('\n')}\n`);
      const { problems } = await verifyAudit(directory);
      expect(problems).toMatchObject([{ problem: 'signature', seq: lines.length }]);
    }));

  it('keeps as many sealed segments as it is told, and that is no gap', () =>
    withFolder(async (directory) => {
      const sink = createFileSink({ directory, sync: 'never', keep: 2, clock: new DrivenClock(), log: SILENT });
      const { audit } = await openTestAudit({ sink, segments: { bytes: 1_500, age: 1e9, keep: 2 } });
      for (let index = 0; index < 30; index += 1) audit.note(`event-${index}`, { padding: 'x'.repeat(200) });
      await audit.close();
      const files = await linesOf(directory);
      expect(files.size).toBe(3);
      expect(await verifyAudit(directory)).toMatchObject({ isIntact: true, problems: [] });

      await rm(join(directory, [...files.keys()][0] ?? ''));
      expect((await verifyAudit(directory)).problems[0]).toMatchObject({ problem: 'missing', seq: 1 });
    }));
});

describe('search', () => {
  it('finds by consumer, server, tool, time and outcome', () =>
    withFolder(async (directory) => {
      await record(directory, 3);
      const count = async (filter: Parameters<typeof searchAudit>[1]): Promise<number> => {
        let found = 0;
        for await (const { record: each } of searchAudit(directory, filter)) if (each.kind === 'call') found += 1;
        return found;
      };
      expect(await count({})).toBe(6);
      expect(await count({ consumer: 'ci' })).toBe(6);
      expect(await count({ consumer: 'other' })).toBe(0);
      expect(await count({ server: 'files', name: 'wr*e' })).toBe(6);
      expect(await count({ name: 'w' })).toBe(0);
      expect(await count({ outcome: 'ok' })).toBe(3);
      expect(await count({ since: Date.UTC(2027, 0, 1) })).toBe(0);
    }));
});
