import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, JsonObject } from '@hostler/kernel';
import { defineErrors, Payload } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { createAuditKey, createFileSink, fingerprintOf, searchAudit, verifyAudit } from '../src/index.ts';
import type { AuditRecord } from '../src/index.ts';
import { DrivenClock } from './support/driven-clock.ts';
import { MemorySink } from './support/memory-sink.ts';
import { exchangeFor, KEY, openTestAudit, SILENT, targetOf, withFolder } from './support/open-test-audit.ts';
import type { TestAudit } from './support/open-test-audit.ts';

const RESULT = { kind: 'result', era: 'modern', payload: Payload.of({ content: [] }) } as const;
/** The disk is a real one. */
const PATIENT = { timeout: 20_000 };
const { REFUSED } = defineErrors('TEST', {
  REFUSED: { http: 403, rpc: -32_000, fault: 'caller', retryable: false, message: 'no' },
});

async function recordsIn(directory: string): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const { record } of searchAudit(directory, {})) records.push(record);
  return records;
}

async function longestLine(directory: string): Promise<number> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  return Math.max(...texts.flatMap((text) => text.split('\n').map(({ length }) => length)));
}

// oxlint-disable-next-line no-control-regex -- these are what it looks for
const ODD = /[\0-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;

/** What a consumer can choose, as large and as odd as it gets. */
const LONG = 'n'.repeat(3_000_000);
const wide = (depth: number): JsonObject =>
  Object.fromEntries(
    Array.from({ length: 24 }, (_, index) => [`${'k'.repeat(60)}${index}`, depth === 0 ? 1 : wide(depth - 1)]),
  );

const HUGE: Readonly<Record<string, { readonly method?: string; readonly params: JsonObject }>> = {
  'a method': { method: `made/${LONG}`, params: { name: 'write' } },
  'a name': { params: { name: LONG, arguments: {} } },
  'an argument that is shown': { params: { name: 'write', arguments: { text: LONG } } },
  'names of arguments': { params: { name: 'write', arguments: wide(3) } },
  'kinds in lists': {
    params: {
      name: 'write',
      arguments: { list: Array.from({ length: 16 }, (_, index) => ({ [`${'k'.repeat(60)}${index}`]: [wide(1)] })) },
    },
  },
};

describe('a consumer that wants its calls not recorded', () => {
  it.each(Object.entries(HUGE))('cannot break the record by %s of any size', (_what, { method, params }) =>
    withFolder(async (directory) => {
      const { audit } = await openTestAudit({ directory, showsValues: () => true });
      const exchange = exchangeFor('one', {}, { request: { method: method ?? 'tools/call', params } });
      const call = audit.calls.begin(exchange);
      await call.intent(targetOf(exchange));
      call.outcome(RESULT, { isToolError: false });
      audit.calls.begin(exchange).failed(REFUSED());
      await audit.close();
      expect(await longestLine(directory)).toBeLessThan(128 * 1_024);
      // The next run finds the last line, and goes on behind it.
      const again = await openTestAudit({ directory });
      again.audit.note('start');
      await again.audit.close();
      expect(await verifyAudit(directory)).toMatchObject({ problems: [], isIntact: true });
      expect((await recordsIn(directory)).filter(({ phase }) => phase === 'outcome')).toHaveLength(1);
    }),
  );

  it('cannot make a line of two, or one that writes to a terminal', () =>
    withFolder(async (directory) => {
      const { audit } = await openTestAudit({ directory, showsValues: () => true });
      const odd = 'a\n{"seq":1}\r\u001b[2J\u009b2J\u0085\u2028\u202e\u200b\ufeff\ud800\u007f';
      const args = { [odd]: odd, __proto__x: 1, ...(JSON.parse('{"__proto__":{"a":1}}') as JsonObject) };
      const exchange = exchangeFor('one', args, {
        request: { method: 'tools/call', params: { name: odd, arguments: args } },
        scope: { kind: 'server', name: odd },
      });
      await audit.calls.begin(exchange).intent(targetOf(exchange));
      await audit.close();
      const [file = ''] = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'));
      const text = await readFile(join(directory, file), 'utf8');
      expect(text).not.toMatch(ODD);
      const [record] = (await recordsIn(directory)).filter(({ kind }) => kind === 'call');
      expect(record).toMatchObject({ name: odd, scope: odd, values: { [odd]: odd } });
      expect(await verifyAudit(directory)).toMatchObject({ problems: [] });
    }));

  it('cannot hide who was refused what behind a flood of other refusals', async () => {
    const sink = new MemorySink();
    const { audit, clock } = await openTestAudit({ sink });
    const refuse = (consumer: string, name: string): void =>
      audit.calls
        .begin(
          exchangeFor(
            `${consumer}-${name}`,
            {},
            { consumer: { name: consumer }, request: { method: 'tools/call', params: { name } } },
          ),
        )
        .failed(REFUSED());
    for (let index = 0; index < 5_000; index += 1) refuse('flooder', `n${index}`);
    for (let index = 0; index < 5_000; index += 1) {
      audit.access({ code: 'AUTH_INVALID', address: `192.0.2.${index}`, entry: 'mcp' });
    }
    refuse('other', 'secret_tool');
    clock.pass(10_000);
    clock.pass(20);
    await audit.close();
    const refused = sink.records().filter(({ kind }) => kind === 'decision');
    expect(refused).toContainEqual(expect.objectContaining({ consumer: 'other', name: 'secret_tool' }));
    const own = refused.filter(({ consumer }) => consumer === 'flooder');
    const total = own.reduce((sum, { count }) => sum + (typeof count === 'number' ? count : 1), 0);
    // All of them are known to be this one's, though not each by its name.
    expect(total).toBe(5_000);
    expect(own.length).toBeLessThan(200);
  });

  it('cannot fill the memory with what is refused while nothing can be written', async () => {
    const sink = new MemorySink();
    sink.isAway = true;
    const { audit, clock } = await openTestAudit({ sink });
    audit.note('start');
    for (let round = 0; round < 30; round += 1) {
      for (let index = 0; index < 2_000; index += 1) {
        audit.access({ code: 'AUTH_INVALID', address: `${round}.${index}`, entry: 'mcp' });
        audit.denied({
          code: 'API_FORBIDDEN',
          consumer: { name: 'ci' },
          permission: `${round}.${index}`,
          entry: 'rest',
        });
      }
      clock.pass(10_000);
      // oxlint-disable-next-line no-await-in-loop -- what is written fails meanwhile
      await sink.tried();
    }
    expect(audit.state().sinks[0]?.pending).toBeLessThan(4_000);
    sink.isAway = false;
    clock.pass(60_000);
    await sink.tried();
    clock.pass(60_000);
    await audit.close();
    const counted = sink
      .records()
      .filter(({ kind }) => kind === 'access' || kind === 'decision')
      .reduce((sum, { count }) => sum + (typeof count === 'number' ? count : 1), 0);
    expect(counted).toBe(120_000);
  });

  it('cannot fill it with what waits to be written', async () => {
    const sink = new MemorySink();
    const { audit } = await openTestAudit({ sink, showsValues: () => true, onFailure: { buffer: 1_000_000 } });
    sink.isAway = true;
    const args: Json = { text: 'x'.repeat(30_000) };
    const call = (index: number): void => {
      const exchange = exchangeFor(`${index}`, args);
      const record = audit.calls.begin(exchange);
      void record.intent(targetOf(exchange, false));
      record.outcome(RESULT, { isToolError: false });
    };
    let count = 0;
    const fill = async (): Promise<void> => {
      for (; count < 20_000; count += 1) {
        call(count);
        // oxlint-disable-next-line no-await-in-loop -- what was begun has to come to the sink
        if (count % 500 === 499) await sink.tried();
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(count).toBeLessThan(5_000);
    sink.isAway = false;
    await audit.close();
  });
});

describe('what cannot be written as it is', () => {
  it('is written without that: no record is lost, and none of those beside it', async () => {
    const sink = new MemorySink();
    const { audit } = await openTestAudit({ sink });
    const round: Record<string, unknown> = { a: 1 };
    round['round'] = round;
    for (const [id, args] of [
      ['before', {}],
      ['round', round],
      ['after', {}],
    ] as const) {
      const exchange = exchangeFor(id, args as JsonObject);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await audit.calls.begin(exchange).intent(targetOf(exchange));
    }
    await audit.close();
    const calls = sink.records().filter(({ kind }) => kind === 'call');
    expect(calls.map(({ id }) => id)).toEqual(['before', 'round', 'after']);
    expect(calls[1]).toMatchObject({ consumer: 'ci', name: 'write', isIncomplete: true });
  });

  it('is said when it can be written again: how many were refused meanwhile', async () => {
    const sink = new MemorySink();
    const { audit, clock } = await openTestAudit({ sink });
    sink.isAway = true;
    audit.note('start');
    clock.pass(20);
    await sink.tried();
    for (let index = 0; index < 7; index += 1)
      expect(() => audit.calls.begin(exchangeFor(`${index}`))).toThrow('The record of calls cannot be written');
    sink.isAway = false;
    clock.pass(60_000);
    await sink.tried();
    audit.calls.begin(exchangeFor('again')).failed(REFUSED());
    await audit.close();
    expect(sink.records()).toContainEqual(expect.objectContaining({ kind: 'host', event: 'unavailable', refused: 7 }));
  });
});

describe('a mistake of an operator', () => {
  async function callOnce({ audit }: TestAudit, id: string): Promise<void> {
    const exchange = exchangeFor(id);
    const call = audit.calls.begin(exchange);
    await call.intent(targetOf(exchange));
    call.outcome(RESULT, { isToolError: false });
  }

  it('another key: what the first has signed stays good, and who knows both finds nothing wrong', () =>
    withFolder(async (directory) => {
      const other = createAuditKey(Buffer.alloc(32, 8));
      for (const key of [KEY, other, KEY]) {
        // oxlint-disable no-await-in-loop -- one run after the other
        const host = await openTestAudit({ directory, key });
        await callOnce(host, 'one');
        await host.audit.close();
        // oxlint-enable no-await-in-loop
      }
      const keys = [KEY.publicKey, other.publicKey];
      for (const known of [keys, keys.map(fingerprintOf)]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect(await verifyAudit(directory, { key: known })).toMatchObject({ problems: [], isIntact: true });
      }
      // Who knows of one finds where the other one begins, and nothing else.
      const { problems, isIntact } = await verifyAudit(directory);
      expect(isIntact).toBe(false);
      expect(problems.map(({ problem, detail }) => `${problem}: ${detail}`)).toEqual([
        expect.stringMatching(/^signature: it names another key/),
        expect.stringMatching(/^signature: it names another key/),
      ]);
      expect((await verifyAudit(directory, { key: [other.publicKey] })).problems.length).toBeGreaterThan(0);
    }));

  it('a clock that goes back: the record goes on', () =>
    withFolder(async (directory) => {
      const now = { time: Date.UTC(2026, 5, 1) };
      const host = await openTestAudit({ directory, time: () => now.time, segments: { bytes: 1e9, age: 3_600_000 } });
      await callOnce(host, 'one');
      now.time -= 90 * 24 * 3_600_000;
      await callOnce(host, 'two');
      now.time += 2 * 3_600_000;
      await callOnce(host, 'three');
      await host.audit.close();
      expect(await verifyAudit(directory)).toMatchObject({ problems: [], isIntact: true });
      // A day of segments is a day of the clock as it is, not of the one that was wrong.
      expect((await readdir(directory)).filter((name) => name.endsWith('.jsonl')).length).toBeGreaterThan(1);
    }));

  it('two hosts with one folder: each has its own chain, and neither deletes what is of the other', () =>
    withFolder(async (directory) => {
      const rule = { bytes: 800, age: 1e9, keep: 1 };
      const sink = () => createFileSink({ directory, sync: 'never', keep: 1, clock: new DrivenClock(), log: SILENT });
      const one = await openTestAudit({ sink: sink(), segments: rule });
      const other = await openTestAudit({ sink: sink(), segments: rule });
      for (let index = 0; index < 10; index += 1) {
        // oxlint-disable no-await-in-loop -- one after the other
        await callOnce(one, `one-${index}`);
        if (index < 2) await callOnce(other, `other-${index}`);
        // oxlint-enable no-await-in-loop
      }
      await one.audit.close();
      await other.audit.close();
      const report = await verifyAudit(directory);
      expect(report).toMatchObject({ problems: [], isIntact: true });
      expect(report.chains.map(({ shard }) => shard)).toEqual([0, 1]);
    }));

  it('a write that hangs, is given up, and fails late takes nothing with it', () =>
    withFolder(async (directory) => {
      const held: PromiseWithResolvers<never>[] = [];
      const slow = { isSlow: false };
      const hanging: typeof open = async (path, flags, mode) => {
        const file = await open(path, flags, mode);
        const write = file.write.bind(file) as (...given: readonly unknown[]) => Promise<unknown>;
        Object.assign(file, {
          write(...given: readonly unknown[]) {
            if (!slow.isSlow) return write(...given);
            const late = Promise.withResolvers<never>();
            held.push(late);
            return late.promise;
          },
        });
        return file;
      };
      const clock = new DrivenClock();
      const sink = createFileSink({ directory, sync: 'never', clock, log: SILENT, openFile: hanging });
      const host = await openTestAudit({ sink, clock });
      await callOnce(host, 'before');
      slow.isSlow = true;
      const refused = callOnce(host, 'hangs').catch((error: unknown) => error);
      await expect.poll(() => held.length, PATIENT).toBe(1);
      clock.pass(10_000);
      expect(await refused).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
      slow.isSlow = false;
      clock.pass(1_000);
      await expect.poll(() => host.audit.state().sinks[0]?.failing, PATIENT).toBe(false);
      // The next write is on its way when the first one fails at last.
      slow.isSlow = true;
      const next = callOnce(host, 'after');
      await expect.poll(() => held.length, PATIENT).toBe(2);
      const size = (await readFile(join(directory, 'audit-0-00000001.jsonl'))).length;
      const file = await open(join(directory, 'audit-0-00000001.jsonl'), 'r+');
      await file.write(Buffer.from('a part of what is written'), 0, undefined, size);
      held[0]?.reject(new Error('EIO') as never);
      await new Promise<void>((resolve) => setImmediate(resolve));
      await new Promise<void>((resolve) => setImmediate(resolve));
      await expect.poll(async () => (await file.stat()).size, PATIENT).toBeGreaterThan(size);
      await file.close();
      slow.isSlow = false;
      held[1]?.reject(new Error('EIO') as never);
      await next.catch(() => undefined);
      await host.audit.close();
      expect(await verifyAudit(directory)).toMatchObject({ problems: [], isIntact: true });
    }));
});
