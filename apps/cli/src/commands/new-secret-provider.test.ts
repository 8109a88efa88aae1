import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '@hostler/config/text';
import { runIn } from '../../test/support/run-in-memory.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostler-new-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (...line: string[]) => runIn(folder, ['new', 'secret-provider', ...line]);
const read = (path: string) => readFile(join(folder, path), 'utf8');
const manifestOf = async (path: string) => JSON.parse(await read(`${path}/package.json`)) as Record<string, unknown>;

describe('new secret-provider', () => {
  it('writes a package with nothing left to fill in', async () => {
    const { exitCode } = await write('acme');
    expect(exitCode).toBe(0);
    const names = await readdir(join(folder, 'hostler-secrets-acme'));
    expect(names.toSorted()).toEqual([
      '.gitignore',
      'README.md',
      'fake-backend.js',
      'index.js',
      'index.test.js',
      'package.json',
    ]);
    for (const name of names) expect(await read(`hostler-secrets-acme/${name}`)).not.toContain('{{');
  });

  it('writes a provider of fewer than 20 lines', async () => {
    await write('acme');
    const lines = (await read('hostler-secrets-acme/index.js')).trimEnd().split('\n');
    expect(lines.length).toBeLessThan(20);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(120);
  });

  it('writes what the page about providers shows', async () => {
    await write('acme');
    const page = await readFile(new URL('../../../../docs/writing-a-provider.md', import.meta.url), 'utf8');
    const blocks = [...page.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code ?? '');
    expect(blocks[0]).toBe(await read('hostler-secrets-acme/index.js'));
    const calls = (text: string) => /^testSecretProvider.*?^\}\);/ms.exec(text)?.[0].replaceAll(/address: \S+/g, '');
    expect(calls(blocks[1] ?? '')).toBe(calls(await read('hostler-secrets-acme/index.test.js')));
  });

  it('asks for the Hostler that wrote it, and for the vitest that its suite is tried with', async () => {
    await write('acme');
    const own = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    const catalog = await readFile(new URL('../../../../pnpm-workspace.yaml', import.meta.url), 'utf8');
    const pinned = (name: string) => `^${new RegExp(`^ {2}${name}: (.+)$`, 'm').exec(catalog)?.[1]}`;
    expect(await manifestOf('hostler-secrets-acme')).toMatchObject({
      type: 'module',
      exports: './index.js',
      peerDependencies: { '@hostler/secrets': `^${own.version}` },
      devDependencies: { '@hostler/secrets': `^${own.version}`, vitest: pinned('vitest') },
      dependencies: { valibot: pinned('valibot') },
    });
  });

  it.each([
    [['@team/acme'], 'hostler-secrets-acme', '@team/hostler-secrets-acme', 'acme'],
    [['hostler-secrets-my-vault-2'], 'hostler-secrets-my-vault-2', 'hostler-secrets-my-vault-2', 'my-vault-2'],
    [['acme', '--dir', 'a/b'], 'a/b', 'hostler-secrets-acme', 'acme'],
  ])('names the package %s', async (line, path, name, scheme) => {
    expect((await write(...line)).exitCode).toBe(0);
    expect((await manifestOf(path))['name']).toBe(name);
    expect(await read(`${path}/index.js`)).toContain(`scheme: '${scheme}'`);
  });

  it('shows a configuration that is valid', async () => {
    await write('my-vault-2');
    const readme = await read('hostler-secrets-my-vault-2/README.md');
    const yaml = /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? '';
    expect(yaml).toContain('MY_VAULT_2_TOKEN');
    expect(() => parseConfig(yaml, '/hostler.yaml')).not.toThrow();
  });

  it.each(['Acme', '9acme', 'a b', '../x', '@team/', 'a/b', 'a.b', `${'a'.repeat(33)}`, ''])(
    'refuses the name %j',
    async (name) => {
      const { exitCode, stderr } = await write(name);
      expect(stderr()).toContain('named after its scheme');
      expect(exitCode).toBe(2);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('overwrites nothing', async () => {
    await mkdir(join(folder, 'hostler-secrets-acme'));
    await writeFile(join(folder, 'hostler-secrets-acme/mine.txt'), 'mine');
    const { exitCode, stderr } = await write('acme');
    expect(stderr()).toContain('hostler-secrets-acme is not empty');
    expect(exitCode).toBe(2);
    expect(await readdir(join(folder, 'hostler-secrets-acme'))).toEqual(['mine.txt']);
  });

  it('tells programs what it wrote', async () => {
    const { stdout } = await write('acme', '--json');
    expect(JSON.parse(stdout())).toMatchObject({ package: 'hostler-secrets-acme', scheme: 'acme' });
  });
});
