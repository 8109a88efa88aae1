import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptLists } from '@hostler/host';
import type { Setting, UpstreamSpec } from '@hostler/kernel';
import { temporaryDirectory } from '@hostler/test-kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFileCatalogStore } from '../src/file-catalog-store.ts';

const TOOL = '{"name":"push", "x":9007199254740993,"unknown":[ 1e400 ]}';

const kept: KeptLists = {
  era: 'modern',
  lists: {
    tool: [{ key: 'push', bytes: Buffer.from(TOOL) }],
    prompt: [],
    resource: [{ key: 'file:///é', bytes: Buffer.from('{"uri":"file:///é"}') }],
    template: [],
  },
};

function spec(name: string, env: Record<string, Setting> = {}, command = 'x'): UpstreamSpec {
  return {
    name,
    transport: { kind: 'stdio', command, args: [], env, cwd: '/' },
    era: 'auto',
    interactive: true,
    required: false,
    startTimeout: 1,
    callTimeout: 1,
  };
}

async function setUp(redact: (text: string) => string = (text) => text, maxBytes = 10_000) {
  const temporary = await temporaryDirectory();
  onTestFinished(() => temporary[Symbol.asyncDispose]());
  const directory = join(temporary.path, 'state');
  const warnings: unknown[] = [];
  const log = {
    debug() {},
    info() {},
    error() {},
    warn: (fields: object) => void warnings.push((fields as { error?: Error }).error?.message),
  };
  const open = () => createFileCatalogStore({ directory, log, redact, maxBytes });
  return { directory, file: join(directory, 'catalog', 'git.json'), warnings, open, store: open() };
}

describe('lists in files', () => {
  it('come back byte for byte in another run', async () => {
    const { store, open } = await setUp();
    await store.save(spec('git'), kept);
    const loaded = await open().load(spec('git'));
    expect(loaded?.era).toBe('modern');
    expect(loaded?.lists.tool.map(({ key, bytes }) => [key, Buffer.from(bytes).toString()])).toEqual([['push', TOOL]]);
    expect(loaded?.lists.resource.map(({ key }) => key)).toEqual(['file:///é']);
  });

  it('can be read by this user alone, and nothing is left beside them', async () => {
    const { store, directory, file } = await setUp();
    await Promise.all([store.save(spec('git'), kept), store.save(spec('git'), kept), store.save(spec('two'), kept)]);
    await store.close();
    expect((await readdir(join(directory, 'catalog'))).toSorted()).toEqual(['git.json', 'two.json']);
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
    expect(((await stat(join(directory, 'catalog'))).mode & 0o777).toString(8)).toBe('700');
  });

  it('are those of a server with the same program and the same secrets, whatever its plain values', async () => {
    const { store } = await setUp();
    const secret = { secret: 'env://TOKEN' };
    await store.save(spec('git', { TOKEN: secret, MODE: 'a' }), kept);
    const found = async (...settings: Parameters<typeof spec>) => (await store.load(spec(...settings))) !== undefined;
    expect([
      await found('git', { MODE: 'b', TOKEN: secret }),
      await found('git', { TOKEN: { secret: 'env://OTHER' }, MODE: 'a' }),
      await found('git', { TOKEN: secret }),
      await found('git', { TOKEN: secret, MODE: 'a' }, 'y'),
      await found('hub', { TOKEN: secret, MODE: 'a' }),
    ]).toEqual([true, false, false, false, false]);
  });

  it('hold no secret: neither one of the settings, nor one that the server wrote into a list', async () => {
    const { store, file, warnings } = await setUp((text) => text.replaceAll('hunter22', '[secret]'));
    await store.save(spec('git', { PLAIN: 'hunter22', REFERENCE: { secret: 'env://T' } }), kept);
    expect(await readFile(file, 'utf8')).not.toMatch(/hunter22|PLAIN|env:/);
    const tool = [{ key: 'a', bytes: Buffer.from('{"name":"a","description":"use hunter22"}') }];
    await store.save(spec('two'), { ...kept, lists: { ...kept.lists, tool } });
    expect([await store.load(spec('two')), warnings]).toEqual([undefined, ['a secret stands in the lists']]);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, -20)],
    ['no JSON', () => 'x'],
    ['empty', () => ''],
    ['with a broken definition', (text: string) => text.replace('"name":"push"', '"nam":"push"')],
    ['of no era', (text: string) => text.replace('"modern"', '"middle"')],
    ['too long', (text: string) => text + ' '.repeat(10_000)],
  ])('are ignored and reported when the file is %s', async (_, spoil) => {
    const { store, file, warnings } = await setUp();
    await store.save(spec('git'), kept);
    await writeFile(file, spoil(await readFile(file, 'utf8')));
    expect(await store.load(spec('git'))).toBeUndefined();
    expect(warnings).toHaveLength(1);
    await store.save(spec('git'), kept);
    expect(await store.load(spec('git'))).toBeDefined();
  });

  it('are left alone when they are of another version', async () => {
    const { store, file, warnings } = await setUp();
    await store.save(spec('git'), kept);
    await writeFile(file, (await readFile(file, 'utf8')).replace('"version":1', '"version":2'));
    expect([await store.load(spec('git')), warnings]).toEqual([undefined, []]);
  });

  it('are bounded', async () => {
    const { store, warnings } = await setUp(undefined, 100);
    await store.save(spec('git'), kept);
    expect([await store.load(spec('git')), warnings]).toEqual([undefined, ['the lists are longer than 100 bytes']]);
  });

  it('cost nothing but a line in the log where nothing can be written', async () => {
    const { store, directory, warnings } = await setUp();
    await writeFile(directory, 'a file in the place of the folder');
    await store.save(spec('git'), kept);
    expect(warnings).toHaveLength(1);
  });

  it('are never of servers in this process, nor of names that are no file names', async () => {
    const { store, directory } = await setUp();
    await store.save({ ...spec('git'), transport: { kind: 'in-process', create: () => ({}) } as never }, kept);
    await store.save(spec('../git'), kept);
    await expect(readdir(directory)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
