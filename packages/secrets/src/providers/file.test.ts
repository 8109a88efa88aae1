import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { DrivenClock } from '../../test/driven-clock.ts';
import { createRedactor } from '../redactor/redactor.ts';
import { createSecretResolver } from '../resolver/secret-resolver.ts';
import { parseSecretRef } from '../secret-ref.ts';
import { testSecretProvider } from '../testing.ts';
import { createFileProvider } from './file.ts';

const NOBODY = 65_534;
const directory = mkdtempSync(join(tmpdir(), 'file-provider-'));
chmodSync(directory, 0o755);
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(directory, name), content);
  return `file://${join(directory, name)}`;
};
write('token', 'file-value-77aa\n');
write('private', 'file-value-private');
chmodSync(join(directory, 'private'), 0o000);
mkdirSync(join(directory, 'folder'));
afterAll(() => rmSync(directory, { recursive: true }));

const asRoot = process.getuid?.() === 0;

describe('without rights of its own', () => {
  // Root may read everything, so that the suite reads as somebody else.
  afterEach(() => {
    if (asRoot) process.seteuid?.(0);
  });
  testSecretProvider('file', {
    create: () => {
      if (asRoot) process.seteuid?.(NOBODY);
      return createFileProvider(directory);
    },
    present: { reference: 'file://./token', value: 'file-value-77aa' },
    missing: 'file://./no-such-file',
    denied: 'file://./private',
    malformed: 'file://token',
    replyText: directory,
  });
});

const read = async (reference: string) => {
  const context = { signal: new AbortController().signal, fetch };
  return (await createFileProvider(directory).read(parseSecretRef(reference), context)).value;
};

describe('the whole file', () => {
  it.each([
    ['a', 'x\n', 'x'],
    ['b', 'x\r\n', 'x'],
    ['c', 'x\n\n', 'x\n'],
    ['d', ' x ', ' x '],
    ['e', '-----BEGIN K-----\nabc\n-----END K-----\n', '-----BEGIN K-----\nabc\n-----END K-----'],
    ['f', '\u{feff}é😀', 'é😀'],
    ['g', 'x'.repeat(65_536), 'x'.repeat(65_536)],
  ])('%s: the value less one line break at its end', async (name, content, value) => {
    expect(await read(write(name, content))).toBe(value);
  });

  it('may be named relative to the base directory, also through a link', async () => {
    symlinkSync('token', join(directory, 'link'));
    expect(await read('file://./folder/../link')).toBe('file-value-77aa');
    await expect(read('file://../no-such-file')).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
  });

  it.each(['token', '~/token', 'C:/token', '.token'])('file://%s is refused: it is neither absolute nor ./', (path) => {
    const problem = createFileProvider(directory).problemOf?.(parseSecretRef(`file://${path}`));
    expect(problem).toContain('file:///absolute/path');
  });

  it.each(['./folder', './token/below', '/dev/null', `./${'x'.repeat(300)}`])(
    'file://%s is not found: it is no file',
    async (path) => {
      await expect(read(`file://${path}`)).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    },
  );

  it.each([
    ['large', new Uint8Array(65_537).fill(65), 'larger than 64 KiB'],
    ['binary', new Uint8Array([0xff, 0xfe, 0x41]), 'not UTF-8'],
    ['empty', '', 'is empty'],
    ['blank', '\n', 'is empty'],
  ])('%s is refused', async (name, content, problem) => {
    await expect(read(write(name, content))).rejects.toMatchObject({
      code: 'SECRET_VALUE_INVALID',
      message: expect.stringContaining(problem),
    });
  });
});

describe('a key of a file', () => {
  const json = write('values.json', ' {"db":{"password":"hunter2-json"},"port":5432,"empty":""}');
  const dotenv = write('values.env', '# comment\nexport TOKEN="hunter2 dotenv"\nA.B=c\nEMPTY=\n');

  it.each([
    [`${json}#db.password`, 'hunter2-json'],
    [`${json}#port`, '5432'],
    [`${dotenv}#TOKEN`, 'hunter2 dotenv'],
    [`${dotenv}#A.B`, 'c'],
  ])('%s is selected', async (reference, value) => {
    expect(await read(reference)).toBe(value);
  });

  it.each([`${json}#none`, `${json}#db.none`, `${dotenv}#NONE`, `${dotenv}#toString`])(
    '%s is not found',
    async (reference) => {
      await expect(read(reference)).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    },
  );

  it.each([`${json}#db`, `${json}#empty`, `${dotenv}#EMPTY`, `${write('broken.json', '{"a": hunter2')}#a`])(
    '%s is refused',
    async (reference) => {
      await expect(read(reference)).rejects.toMatchObject({
        code: 'SECRET_VALUE_INVALID',
        message: expect.not.stringContaining('hunter2'),
      });
    },
  );
});

describe('a file that is replaced', () => {
  it('is read again a moment later when it was written during the read', async () => {
    const reference = write('growing', 'half of');
    const controller = new AbortController();
    let appended = false;
    const signal = Object.assign(controller.signal, {
      throwIfAborted: () => {
        if (!appended) appendFileSync(join(directory, 'growing'), ' the value');
        appended = true;
      },
    });
    const reading = createFileProvider(directory).read(parseSecretRef(reference), { signal, fetch });
    await expect(reading).rejects.toMatchObject({
      code: 'SECRET_UNAVAILABLE',
      details: { problem: 'its file is being written' },
    });
    expect(await read(reference)).toBe('half of the value');
  });

  it('brings the good value on while it is half written, and the new one when it is whole', async () => {
    const reference = write('rotated', 'value-before\n');
    const resolver = createSecretResolver({
      providers: [createFileProvider(directory)],
      redactor: createRedactor(),
      clock: new DrivenClock(),
      fetch,
      limits: { tries: 1 },
    });
    const { signal } = new AbortController();
    const text = async () => (await resolver.resolve(reference, signal)).reveal();
    expect(await text()).toBe('value-before');
    for (const half of ['', '\n', new Uint8Array([0x76, 0xff]), 'with a NUL\0', 'x'.repeat(65_537)]) {
      write('rotated', half);
      await expect(resolver.refresh(reference, signal)).rejects.toMatchObject({ code: 'SECRET_VALUE_INVALID' });
      expect(await text()).toBe('value-before');
    }
    write('rotated', 'value-after\nof two lines\n');
    await resolver.refresh(reference, signal);
    expect(await text()).toBe('value-after\nof two lines');
  });
});
