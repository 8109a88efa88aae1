import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createAuditKey, createFileSink, fingerprintOf, openAudit } from '@hostler/audit';
import { Payload } from '@hostler/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runIn, runInMemory } from '../../../test/support/run-in-memory.ts';

const silent = (): void => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const clock = { now: () => 0, after: () => silent };
const key = createAuditKey(Buffer.alloc(32, 7));
const DAY = 86_400_000;

let folder = '';
const FILE = 'audit-0-00000001.jsonl';

/** Three calls of three consumers: one a day ago, one that fails, and one of which nobody knows the end. */
async function record(directory: string): Promise<void> {
  let time = Date.now() - DAY;
  const audit = await openAudit({
    sinks: [{ sink: createFileSink({ directory, sync: 'never', clock, log }), onFailure: 'closed' }],
    key,
    clock,
    log,
    time: () => time,
    redact: (text) => text,
    wait: 'none',
    generation: () => 1,
    secretsOf: () => [],
    showsValues: () => false,
  });
  for (const [index, consumer] of ['early', 'ci', 'web'].entries()) {
    const request = { method: 'tools/call', params: { name: '=delete', arguments: { a: 1 } } };
    const call = audit.calls.begin({
      id: `call-${index}`,
      request,
      scope: { kind: 'all' },
      consumer: { name: consumer },
      client: { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} },
      signal: new AbortController().signal,
      notify: silent,
      ask: () => Promise.reject(new Error('nobody is asked')),
    });
    void call.intent({ server: 'files', request, mayChange: true });
    if (index === 0) call.outcome({ kind: 'result', era: 'legacy', payload: Payload.of({}) }, { isToolError: false });
    if (index === 1) call.failed(new Error('lost'));
    time = Date.now();
  }
  await audit.close();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostler-cli-audit-'));
  await record(join(folder, 'audit'));
});

afterAll(() => rm(folder, { recursive: true }));

const run = (...line: readonly string[]) => runIn(folder, ['audit', ...line]);

describe('hostler audit search', () => {
  it('shows what fits, for people and for programs', async () => {
    const all = await run('search', 'audit', '--kind', 'call');
    expect(all.stdout().trim().split('\n')).toHaveLength(5);
    const ci = await run('search', 'audit', '--consumer', 'ci', '--outcome', 'failed');
    expect(ci.stdout()).toMatch(/^\S+Z call {5}failed {4}ci {2}files\/=delete {2}INTERNAL {2}0 ms {2}may have run\n$/);
    const recent = await run('search', 'audit', '--since', '1h', '--kind', 'call', '--json');
    const ids = recent
      .stdout()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(['call-1', 'call-1', 'call-2']);
    const none = await run('search', 'audit', '--consumer', 'nobody');
    expect(none.stdout()).toBe('');
    expect(none.exitCode).toBe(5);
  });

  it.each([
    ['a time that is none', ['search', 'audit', '--since', 'yesterday'], 2, '--since takes a time'],
    ['a record that is not there', ['search', 'elsewhere'], 5, 'no record "elsewhere"'],
    ['no configuration', ['search'], 2, 'There is no'],
  ])('refuses %s', async (_what, line, code, message) => {
    const { exitCode, stderr } = await run(...line);
    expect(stderr()).toContain(message);
    expect(exitCode).toBe(code);
  });

  it('finds the record by the configuration, which has to keep one', async () => {
    const config = (audit: object) => ({ 'hostler.json': JSON.stringify({ servers: {}, ...audit }) });
    const none = await runInMemory(['audit', 'verify'], { files: config({}) });
    expect(none.stderr()).toContain('keeps no record in files');
    const sinks = [{ type: 'file', directory: join(folder, 'audit') }];
    const found = await runInMemory(['audit', 'tail'], { files: config({ audit: { sinks } }) });
    expect(found.stdout()).toContain('files/=delete');
  });
});

describe('hostler audit tail', () => {
  it('shows the newest, the oldest of them first', async () => {
    const { stdout } = await run('tail', 'audit', '-n', '2', '--kind', 'call', '--json');
    const ids = stdout()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(['call-1', 'call-2']);
    expect((await run('tail', 'audit', '-n', 'x')).exitCode).toBe(2);
  });

  it('goes on with -f until it is interrupted', { timeout: 30_000 }, async () => {
    let isHeard = false;
    let writing: Promise<void> | undefined;
    const { stdout, exitCode } = await runIn(folder, ['audit', 'tail', 'audit', '-f', '-n', '0', '--json'], {
      during: (running) => {
        // Until one was heard from its beginning; each of them alone, and whole before the test is over.
        writing = (async () => {
          while (!isHeard) {
            // oxlint-disable-next-line no-await-in-loop -- one after the other
            await record(join(folder, 'audit'));
            // oxlint-disable-next-line no-await-in-loop -- as above
            await delay(300);
          }
        })();
        void running.printed(/call-0[^]*call-2/).then(() => {
          isHeard = true;
          running.signal('SIGINT');
        });
      },
    });
    await writing;
    expect(stdout()).toContain('"id":"call-0"');
    expect(exitCode).toBe(0);
  });
});

describe('hostler audit export', () => {
  it('writes lines that can be verified, and rows', async () => {
    const lines = await run('export', 'audit');
    await writeFile(join(folder, 'copy.jsonl'), lines.stdout());
    const verified = await run('verify', 'copy.jsonl', '--key', key.publicKey);
    expect(verified.stdout()).toContain('intact');
    expect(verified.exitCode).toBe(0);
    const rows = (await run('export', 'audit', '--format', 'csv', '--kind', 'call')).stdout().trim().split('\n');
    expect(rows[0]).toMatch(/^seq,time,kind,phase,id,consumer,/);
    // No formula for a spreadsheet.
    expect(rows[1]).toContain(",files,tool,'=delete,");
    expect(rows[1]).toContain('"{""a"":""number""}"');
  });
});

describe('hostler audit verify', () => {
  it('says that it is intact, whose it is, and of which calls the end is unknown', async () => {
    const { stdout, exitCode } = await run('verify', 'audit', '--key', fingerprintOf(key.publicKey));
    expect(stdout()).toContain(`key ${fingerprintOf(key.publicKey)}`);
    expect(stdout()).toMatch(/calls? without an end: it is unknown whether (?:it|they) ran/);
    expect(stdout()).toContain('web files/=delete');
    expect(stdout().trimEnd().endsWith('intact')).toBe(true);
    expect(exitCode).toBe(0);
    const head = /head (\d+:[0-9a-f]{64})/.exec(stdout())?.[1] ?? '';
    expect((await run('verify', 'audit', '--expect', head)).exitCode).toBe(0);
    expect((await run('verify', 'audit', '--expect', `${head.slice(0, -1)}x`)).exitCode).toBe(2);
    const other = await run('verify', 'audit', '--key', '0'.repeat(32));
    expect(other.stdout()).toContain('signed with another key');
    expect(other.exitCode).toBe(4);
  });

  it('names file, line and record of what is wrong', async () => {
    const path = join(folder, 'audit', FILE);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"consumer":"early"', '"consumer":"other"'));
    const { stdout, exitCode } = await run('verify', 'audit');
    const told = await run('verify', 'audit', '--json');
    await writeFile(path, text);
    expect(stdout()).toContain(`altered   ${join('audit', FILE)}:2 record 2: its hash is another one`);
    expect(stdout()).toContain('not intact');
    expect(exitCode).toBe(4);
    expect(JSON.parse(told.stdout())).toMatchObject({
      isIntact: false,
      problems: [{ problem: 'altered', seq: 2, line: 2 }],
    });
  });
});
