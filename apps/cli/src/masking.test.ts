import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { configFor, runInMemory } from '../test/support/run-in-memory.ts';
import type { RunOptions } from '../test/support/run-in-memory.ts';
import { createMasking } from './masking.ts';
import { createOutput } from './output.ts';

const value = 'hunter2-hunter2';
const files = { 'hostler.json': configFor('a') };
const leaking: RunOptions['servers'] = [
  {
    name: 'a',
    tools: [{ name: 'echo', description: `says ${value}` }],
    resources: [{ uri: 'demo://a', name: value }],
    answer: ({ request }) =>
      request.method === 'resources/read'
        ? { contents: [{ uri: 'demo://a', blob: Buffer.from(`in ${value} bytes`).toString('base64') }] }
        : { content: [{ type: 'text', text: `it is ${value}` }], [value]: { [value]: [value] } },
  },
];
const failing: RunOptions['servers'] = [
  { name: 'a', tools: [{ name: 'echo' }], answer: () => ({ code: -32_000, message: `no ${value}` }) },
];
const broken: RunOptions['servers'] = [
  { name: 'a', tools: [{ name: 'echo' }], answer: () => Promise.reject(new Error(`defect at ${value}`)) },
];
const down: RunOptions['servers'] = [{ name: 'a', down: `it said ${value}` }];

describe('what a command prints', () => {
  it.each([
    ['a description', ['tools'], leaking],
    ['a result', ['call', 'a__echo'], leaking],
    ['a result as JSON', ['call', 'a__echo', '--json'], leaking],
    ['a name', ['resources'], leaking],
    ['an error', ['call', 'a__echo'], failing],
    ['an error as JSON', ['call', 'a__echo', '--json'], failing],
    ['a defect', ['call', 'a__echo'], broken],
    ['a defect as JSON', ['call', 'a__echo', '--json'], broken],
    ['a problem of a server', ['tools'], down],
    ['the reason of a failure', ['call', 'a__echo'], down],
    ['a finding', ['doctor'], down],
    ['a finding as JSON', ['doctor', '--json'], down],
  ])('holds no secret: %s', async (_what, line, servers) => {
    for (const columns of [undefined, 80]) {
      const world = { files, servers, ...(columns && { columns }) };
      const masked = await runInMemory(line, { ...world, secrets: { value } });
      expect(masked.stdout() + masked.stderr()).not.toContain(value);
      expect(masked.stdout() + masked.stderr()).toContain('[secret]');
      // The sinks do print it where it is no secret.
      const plain = await runInMemory(line, world);
      expect(plain.stdout() + plain.stderr()).toContain(value);
    }
  });

  it.each([60, 40, 30, 24])('holds no part of one where a line of %i characters is cut or wrapped', async (columns) => {
    const long = 'first-part-of-it second-part-of-it';
    const servers = [
      { name: 'a', down: `it said ${long}` },
      { name: 'b', tools: [{ name: 'echo', description: `it says ${long}` }] },
    ];
    const world = { files: { 'hostler.json': configFor('a', 'b') }, servers, columns, secrets: { value: long } };
    for (const line of [['tools'], ['tools', 'b__echo'], ['doctor']]) {
      const { stdout, stderr } = await runInMemory(line, world);
      expect(stdout() + stderr()).not.toMatch(/first-p|second-part/);
    }
  });

  it('holds nothing that looks like one in a defect, of which nobody knows what is in it', async () => {
    const error = new Error('login failed: password=not-known-anywhere');
    const servers = [{ name: 'a', tools: [{ name: 'echo' }], answer: () => Promise.reject(error) }];
    for (const line of [
      ['call', 'a__echo'],
      ['call', 'a__echo', '--json'],
    ]) {
      const { stdout, stderr } = await runInMemory(line, { files, servers });
      expect(stdout() + stderr()).toContain('login failed');
      expect(stdout() + stderr()).not.toContain('not-known-anywhere');
    }
  });

  it('is masked by every way out', () => {
    const chunks: string[] = [];
    const sink = () =>
      Object.assign(
        new Writable({
          write(chunk: Buffer, _encoding, done) {
            chunks.push(chunk.toString());
            done();
          },
        }),
        { isTTY: true },
      );
    const signals = { on: () => undefined, off: () => undefined };
    const [stdin, stdout, stderr] = [Readable.from([]), sink(), sink()];
    const context = { arguments: [], environment: {}, workingDirectory: '/', stdin, stdout, stderr, signals };
    const masking = createMasking();
    const output = createOutput(context, { color: false }, masking);
    const sayAll = (): void => {
      for (const say of [output.print, output.json, output.note, output.warn]) say(value);
      output.raw(Buffer.from(value));
      output.progress?.write(value);
    };
    sayAll();
    expect(chunks.filter((chunk) => chunk.includes(value))).toHaveLength(6);
    const redact = (text: string) => text.replaceAll(value, '[secret]');
    masking.use({ redact, redactBytes: (bytes) => Buffer.from(redact(Buffer.from(bytes).toString())) });
    chunks.length = 0;
    sayAll();
    expect(chunks.filter((chunk) => chunk.includes('[secret]'))).toHaveLength(6);
    expect(chunks.join('')).not.toContain(value);
  });

  it('holds no secret in bytes', async () => {
    const line = ['resources', 'read', 'demo://a'];
    expect((await runInMemory(line, { files, servers: leaking })).stdout()).toBe(`in ${value} bytes`);
    const masked = await runInMemory(line, { files, servers: leaking, secrets: { value } });
    expect(masked.stdout()).toBe('in [secret] bytes');
  });

  it('stays JSON whatever is masked', () => {
    const masking = createMasking();
    const redact = (text: string) => text.replaceAll(/x"y|12345678|\{"a":/g, '[secret]');
    masking.use({ redact, redactBytes: (bytes) => bytes });
    const json = masking.json({ 'x"y': [12_345_678, 7, true, null], a: { a: 'x"y z' }, at: new Date(0) });
    expect(JSON.parse(json)).toEqual({
      '[secret]': ['[secret]', 7, true, null],
      a: { a: '[secret] z' },
      at: '1970-01-01T00:00:00.000Z',
    });
  });
});
