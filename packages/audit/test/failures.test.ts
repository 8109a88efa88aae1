import { open } from 'node:fs/promises';
import { isHostlerError, Payload } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { createFileSink, createHttpSink, createStreamSink, verifyAudit } from '../src/index.ts';
import type { AuditSink, OnFailure } from '../src/index.ts';
import { DrivenClock } from './support/driven-clock.ts';
import { exchangeFor, openTestAudit, SILENT, targetOf, withFolder } from './support/open-test-audit.ts';
import type { TestAudit } from './support/open-test-audit.ts';

const RESULT = { kind: 'result', era: 'modern', payload: Payload.of({ content: [] }) } as const;

/** A sink that is away until it is said to be there. */
class FakeSink implements AuditSink {
  readonly name = 'fake';
  readonly lines: string[] = [];
  attempts = 0;
  isAway = true;

  open(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  write(lines: readonly string[]): Promise<void> {
    this.attempts += 1;
    if (this.isAway) return Promise.reject(new Error('away'));
    this.lines.push(...lines);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  seqs(): number[] {
    return this.lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
  }
}

/** @returns the code of the error it ended in */
async function call({ audit }: TestAudit, id: string, mayChange = true): Promise<string | undefined> {
  const exchange = exchangeFor(id);
  try {
    const known = audit.calls.begin(exchange);
    try {
      await known.intent(targetOf(exchange, mayChange));
      known.outcome(RESULT, { isToolError: false });
      return undefined;
    } catch (error) {
      known.failed(error);
      throw error;
    }
  } catch (error) {
    return isHostlerError(error) ? error.code : String(error);
  }
}

async function failing(onFailure: OnFailure): Promise<TestAudit & { readonly sink: FakeSink }> {
  const sink = new FakeSink();
  return { ...(await openTestAudit({ sink, onFailure })), sink };
}

const UNAVAILABLE = 'AUDIT_UNAVAILABLE';

/** What it is, by what can be read of it. */
function formOf(body: string): string {
  if (!body.startsWith('{"resourceLogs"'))
    return body
      .trim()
      .split('\n')
      .every((line) => 'seq' in JSON.parse(line))
      ? 'lines'
      : '';
  const { resourceLogs } = JSON.parse(body) as { resourceLogs: { scopeLogs: { scope: { name: string } }[] }[] };
  return resourceLogs[0]?.scopeLogs[0]?.scope.name === 'hostler.audit' ? 'otlp' : '';
}

/** Lets everything that was begun by now come to its end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    setImmediate(resolve);
    // oxlint-disable-next-line no-await-in-loop -- one turn after the other
    await promise;
  }
}

describe('a sink that fails', () => {
  it('closed: no call is run, and what was begun has an end when it is back', async () => {
    const host = await failing('closed');
    expect(await call(host, 'a')).toBe(UNAVAILABLE);
    expect(await call(host, 'b')).toBe(UNAVAILABLE);
    expect(await call(host, 'c', false)).toBe(UNAVAILABLE);
    expect(host.audit.state()).toMatchObject({ refused: 3, sinks: [{ failing: true, dropped: 0 }] });
    host.sink.isAway = false;
    host.clock.pass(1_000);
    await settle();
    expect(await call(host, 'd')).toBeUndefined();
    await host.audit.close();
    const records = host.sink.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.filter(({ id }) => id === 'a')).toMatchObject([
      { phase: 'intent' },
      { phase: 'outcome', result: 'refused', code: UNAVAILABLE, mayHaveRun: false },
    ]);
    expect(records.filter(({ id }) => id === 'b')).toEqual([]);
    expect(host.sink.seqs()).toEqual(host.sink.seqs().map((_seq, index) => index + 1));
  });

  it('buffer: calls run until so many records wait, and none is lost', async () => {
    const host = await failing({ buffer: 7 });
    const codes: (string | undefined)[] = [];
    for (let index = 0; index < 8; index += 1) {
      // oxlint-disable no-await-in-loop -- one after the other
      codes.push(await call(host, `call-${index}`));
      host.clock.pass(20);
      await settle();
      // oxlint-enable no-await-in-loop
    }
    const ran = codes.filter((code) => code === undefined).length;
    expect(ran).toBe(3);
    expect(codes.slice(ran)).toEqual(codes.slice(ran).map(() => UNAVAILABLE));
    host.sink.isAway = false;
    await host.audit.close();
    expect(host.sink.lines.filter((line) => line.includes('"phase":"outcome"'))).toHaveLength(ran);
  });

  it('open: calls run, and what is left out is said, signed and counted', async () => {
    const host = await failing('open');
    for (let index = 0; index < 6_000; index += 1) {
      const exchange = exchangeFor(`call-${index}`);
      const known = host.audit.calls.begin(exchange);
      void known.intent(targetOf(exchange, false));
      known.outcome(RESULT, { isToolError: false });
    }
    host.clock.pass(20);
    await settle();
    const [state] = host.audit.state().sinks;
    expect(state?.pending).toBe(10_000);
    expect(state?.dropped).toBeGreaterThan(2_000);
    host.sink.isAway = false;
    host.clock.pass(60_000);
    await settle();
    expect(await call(host, 'after')).toBeUndefined();
    await host.audit.close();
    expect(host.sink.lines.filter((line) => line.startsWith('{"kind":"gap"'))).toHaveLength(1);
    await withFolder(async (folder) => {
      const path = `${folder}/stdout.jsonl`;
      const file = await open(path, 'w');
      await file.writeFile(`${host.sink.lines.join('\n')}\n`);
      await file.close();
      const report = await verifyAudit(path);
      expect(report.problems).toEqual([]);
      expect(report.chains[0]?.leftOut).toBe(state?.dropped);
    });
  });

  it('a disk that is full: closed, then nothing is double or torn', () =>
    withFolder(async (directory) => {
      const disk = { isFull: false };
      const full: typeof open = (path, flags, mode) =>
        open(disk.isFull ? '/dev/full' : path, disk.isFull ? 'r+' : flags, mode);
      const clock = new DrivenClock();
      const options = { directory, sync: 'never', clock, log: SILENT } as const;
      const host = await openTestAudit({
        sink: createFileSink({ ...options, openFile: full }),
        segments: { bytes: 2_000, age: 1e9 },
      });
      expect(await call(host, 'before')).toBeUndefined();
      expect(await call(host, 'before-2')).toBeUndefined();
      expect(await call(host, 'before-3')).toBeUndefined();
      // The segment is complete: the next one is begun on a disk that has no room.
      disk.isFull = true;
      const codes = [await call(host, 'full'), await call(host, 'full-2'), await call(host, 'full-3')];
      expect(codes).toContain(UNAVAILABLE);
      expect(host.audit.state().sinks).toMatchObject([{ failing: true }]);
      await host.audit.close();
      disk.isFull = false;
      const again = await openTestAudit({ directory, segments: { bytes: 2_000, age: 1e9 } });
      expect(await call(again, 'after')).toBeUndefined();
      await again.audit.close();
      expect(await verifyAudit(directory)).toMatchObject({ problems: [], isIntact: true });
    }));

  it('a segment that cannot be begun for a while is begun later, and nothing is double', () =>
    withFolder(async (directory) => {
      const disk = { isFull: false };
      const full: typeof open = (path, flags, mode) =>
        disk.isFull ? Promise.reject(new Error('ENOSPC')) : open(path, flags, mode);
      const clock = new DrivenClock();
      const sink = createFileSink({ directory, sync: 'never', clock, log: SILENT, openFile: full });
      const host = await openTestAudit({ sink, clock, segments: { bytes: 1_500, age: 1e9 } });
      const called = async (id: string) => call({ audit: host.audit, clock }, id);
      await called('a');
      await called('b');
      clock.pass(20);
      await settle();
      disk.isFull = true;
      const codes = [await called('c'), await called('d')];
      expect(codes).toContain(UNAVAILABLE);
      clock.pass(1_000);
      await settle();
      disk.isFull = false;
      clock.pass(60_000);
      await expect.poll(() => host.audit.state().sinks[0]?.failing, { timeout: 20_000 }).toBe(false);
      expect(await called('e')).toBeUndefined();
      await host.audit.close();
      expect(await verifyAudit(directory)).toMatchObject({ problems: [], isIntact: true });
    }));

  it('a stream on a full device tells of it, and ends nothing', async () => {
    const file = await open('/dev/full', 'w');
    const stream = file.createWriteStream();
    const host = await openTestAudit({ sink: createStreamSink('stdout', stream) });
    expect(await call(host, 'full')).toBe(UNAVAILABLE);
    await host.audit.close();
  });

  it('an HTTP sink that does not answer is given up in time', async () => {
    const clock = new DrivenClock();
    const never: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
      });
    const headers = () => Promise.resolve({});
    const sink = createHttpSink({ url: 'https://x', headers, format: 'lines', timeout: 500, fetch: never, clock });
    const host = await openTestAudit({ sink, clock });
    const called = call({ audit: host.audit, clock }, 'slow');
    await settle();
    clock.pass(500);
    expect(await called).toBe(UNAVAILABLE);
    const closed = host.audit.close();
    await settle();
    clock.pass(500);
    await closed;
  });

  it('an HTTP sink gets lines, or logs of OpenTelemetry', async () => {
    const bodies: string[] = [];
    const take: typeof fetch = (_url, init) => {
      bodies.push(init?.body as string);
      expect(init).toMatchObject({ method: 'POST', redirect: 'error', headers: { authorization: 'Bearer x' } });
      return Promise.resolve(new Response(null, { status: bodies.length === 1 ? 503 : 200 }));
    };
    for (const format of ['lines', 'otlp'] as const) {
      bodies.length = 0;
      const clock = new DrivenClock();
      const headers = () => Promise.resolve({ authorization: 'Bearer x' });
      const sink = createHttpSink({ url: 'https://x', headers, format, timeout: 500, fetch: take, clock });
      // oxlint-disable no-await-in-loop -- one after the other
      const host = await openTestAudit({ sink, clock, onFailure: { buffer: 100 } });
      await call({ audit: host.audit, clock }, 'posted');
      clock.pass(1_000);
      await settle();
      await host.audit.close();
      // oxlint-enable no-await-in-loop
      const sent = bodies.slice(1);
      // What was refused is sent again.
      expect(sent.join('')).toContain('intent');
      expect(sent.map((body) => formOf(body))).toEqual(sent.map(() => format));
    }
  });
});

describe('what is recorded', () => {
  it('is shape and digest of arguments, never a value, and no secret', async () => {
    const sink = new FakeSink();
    sink.isAway = false;
    const { audit } = await openTestAudit({ sink });
    const values = {
      path: 'canary-value',
      list: [1, 'canary-2'],
      deep: { a: { b: { c: { d: 'canary-3' } } } },
      token: 's3cret-value',
    };
    const exchange = exchangeFor('one', values);
    const known = audit.calls.begin(exchange);
    await known.intent(targetOf(exchange));
    known.outcome(RESULT, { isToolError: true });
    const refused = audit.calls.begin(exchangeFor('two', values));
    refused.failed(new Error('canary-4'));
    const done = await audit.change({ consumer: { name: 'ops' }, action: 'addServer', values, entry: 'rest' });
    done(new Error('canary-5'));
    audit.note('s3cret-value');
    await audit.close();
    const text = sink.lines.join('\n');
    expect(text).not.toMatch(/canary|s3cret-value/);
    expect(text).toContain(
      '"arguments":{"path":"string","list":["number","string"],"deep":{"a":{"b":{"c":"object"}}},"token":"string"}',
    );
    expect(text).toContain('"event":"[secret]"');
    expect(text).toContain('"secrets":["env://TOKEN"]');
    expect(text).toContain('"code":"TOOL_ERROR"');
  });

  it('is the values where a rule says so, with secrets masked', async () => {
    const sink = new FakeSink();
    sink.isAway = false;
    const { audit } = await openTestAudit({
      sink,
      showsValues: (kind, server, name) => `${kind}:${server}/${name}` === 'tool:files/write',
    });
    const exchange = exchangeFor('one', { path: 'shown', token: 'x s3cret-value y' });
    await audit.calls.begin(exchange).intent(targetOf(exchange));
    await audit.close();
    expect(sink.lines.join('\n')).toContain('"values":{"path":"shown","token":"x [secret] y"}');
  });

  it('is a flood of the same once, and then its number', async () => {
    const sink = new FakeSink();
    sink.isAway = false;
    const { audit, clock } = await openTestAudit({ sink });
    for (let index = 0; index < 50_000; index += 1) {
      audit.access({ code: 'AUTH_INVALID', address: `192.0.2.${index % 5_000}`, entry: 'mcp' });
    }
    clock.pass(10_000);
    clock.pass(20);
    await audit.close();
    const counts = sink.lines.flatMap(
      (line) => (JSON.parse(line) as { count?: number }).count ?? (line.includes('"access"') ? 1 : 0),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50_000);
    expect(sink.lines.length).toBeLessThan(2_100);
  });
});
