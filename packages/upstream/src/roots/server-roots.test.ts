import { chmod, mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JsonObject, UpstreamSpec } from '@hostler/kernel';
import { temporaryDirectory } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServerRoots } from './server-roots.ts';
import type { ServerRoots } from './server-roots.ts';

const stack = new AsyncDisposableStack();
/** Holds `data` (the root) and what lies beside it. */
let top = '';

beforeAll(async () => {
  top = await realpath(stack.use(await temporaryDirectory()).path);
  await Promise.all(
    ['data/inner', 'data-evil', 'secret/deep', 'alias'].map((f) => mkdir(join(top, f), { recursive: true })),
  );
  await writeFile(join(top, 'data/file.txt'), '');
  await writeFile(join(top, 'secret/key'), '');
  await symlink(join(top, 'secret'), join(top, 'data/out'));
  await symlink(join(top, 'secret/deep'), join(top, 'data/deep'));
  await symlink(join(top, 'secret/not-yet'), join(top, 'data/dangling'));
  await symlink(join(top, 'data/loop'), join(top, 'data/loop'));
  await symlink(join(top, 'data/inner'), join(top, 'data/near'));
  await symlink(join(top, 'data'), join(top, 'alias/root'));
});

afterAll(() => stack.disposeAsync());

function specOf(roots: readonly string[], change: Partial<UpstreamSpec> = {}): UpstreamSpec {
  return {
    name: 'files',
    transport: { kind: 'stdio', command: 'x', args: [], env: {}, cwd: join(top, 'data') },
    era: 'auto',
    interactive: true,
    required: false,
    startTimeout: 1,
    callTimeout: 1,
    roots: roots.map((path) => ({ uri: pathToFileURL(path).href })),
    pathArguments: { open: ['path', 'paths', 'edit.target'], '*': ['cwd'] },
    ...change,
  };
}

function rootsOf(spec = specOf([join(top, 'data')])): ServerRoots {
  const roots = createServerRoots(spec);
  if (!roots) throw new Error('roots are configured');
  return roots;
}

function open(values: JsonObject, name = 'open') {
  return { method: 'tools/call', params: { name, arguments: values } };
}

const OUTSIDE = { code: 'ROOTS_OUTSIDE', kind: { rpc: -32602 } };

describe('a path argument', () => {
  it.each([
    ['the folder itself', () => join(top, 'data')],
    ['with a slash at its end', () => `${join(top, 'data')}/`],
    ['a file in it', () => join(top, 'data/file.txt')],
    ['one that does not exist yet', () => join(top, 'data/a/b/c.txt')],
    ['a relative one, from where the server runs', () => 'inner/new.txt'],
    ['a dot', () => '.'],
    ['`..` that stays inside', () => join(top, 'data/inner') + '/../file.txt'],
    ['a link that stays inside', () => join(top, 'data/near/x')],
    ['through a link to the folder', () => join(top, 'alias/root/file.txt')],
    ['a name with a percent sign', () => join(top, 'data/100%')],
    ['a name that begins with two dots', () => join(top, 'data/..hidden')],
    ['as a URI', () => pathToFileURL(join(top, 'data/with space')).href],
    ['as a URI with a percent sign', () => pathToFileURL(join(top, 'data/100%')).href],
    ['as a URI with localhost', () => `file://localhost${join(top, 'data')}/file.txt`],
  ])('may be %s', async (_, path) => {
    await expect(rootsOf().check(open({ path: path() }))).resolves.toBeUndefined();
  });

  it.each([
    ['another folder', () => join(top, 'secret/key')],
    ['the parent', () => top],
    ['a folder whose name begins alike', () => join(top, 'data-evil/x')],
    ['`..`', () => join(top, 'data') + '/../secret/key'],
    ['a relative `..`', () => '../secret/key'],
    ['`..` behind what does not exist', () => join(top, 'data') + '/none/../../secret/key'],
    ['a link that leads out', () => join(top, 'data/out/key')],
    ['a link that leads out, to what does not exist yet', () => join(top, 'data/out/new')],
    ['`..` behind a link, as the system reads it', () => join(top, 'data') + '/deep/../key'],
    ['a link to what does not exist, which writing would create', () => join(top, 'data/dangling')],
    ['a link to itself', () => join(top, 'data/loop')],
    ['a folder in other case, where that is another one', () => join(top, 'DATA/file.txt')],
    ['NUL', () => `${join(top, 'data')}/a\0/../../secret`],
    ['the home directory of whoever runs the server', () => '~/x'],
    ['another user’s', () => '~root'],
    ['a share of another machine', () => `//server${join(top, 'data')}`],
    ['the same with backslashes', () => String.raw`\\server\share`],
    ['the root of the file system twice over', () => `//${join(top, 'data')}`],
    ['backslashes that may be separators', () => String.raw`x\..\..\secret\key`],
    ['a drive', () => String.raw`C:\Users`],
    ['a drive and nothing more', () => 'c:x'],
    ['encoded dots', () => `${join(top, 'data')}/%2e%2e/secret`],
    ['encoded slashes', () => 'x%2F..%2F..%2Fsecret'],
    ['encoded backslashes', () => 'x%5c..'],
    ['encoded twice', () => 'x%252e%252e'],
    ['an encoded NUL', () => 'x%00'],
    ['a blank in front, which servers trim', () => ` ${join(top, 'secret/key')}`],
    ['a break in front', () => `\n${join(top, 'secret/key')}`],
    ['quotes around, which servers take off', () => `"${join(top, 'secret/key')}"`],
    ['nothing', () => ''],
    ['only a blank', () => ' '],
    ['no end', () => `${join(top, 'data')}/${'a/'.repeat(3_000)}`],
    ['a URI outside', () => pathToFileURL(join(top, 'secret/key')).href],
    ['a URI with `..`', () => `file://${join(top, 'data')}/../secret/key`],
    ['a URI with encoded dots', () => `file://${join(top, 'data')}/%2E%2e/secret/key`],
    ['a URI with encoded slashes', () => `file://${join(top, 'data')}/..%2fsecret`],
    ['a URI encoded twice', () => `file://${join(top, 'data')}/%252e%252e/secret`],
    ['a URI of another machine', () => `file://server${join(top, 'data')}/file.txt`],
    ['a URI with `..` behind its fragment', () => `file://${join(top, 'data')}/x#/../../../secret/key`],
    ['a URI with `..` behind its query', () => `file://${join(top, 'data')}/x?/../../../secret/key`],
    ['a URI with breaks in it', () => `fi\nle://${join(top, 'data')}/file.txt`],
    ['a URI with a blank in front', () => ` file://${join(top, 'secret/key')}`],
    ['a URI without slashes', () => 'file:secret'],
    ['a URI with a broken escape', () => `file://${join(top, 'data')}/%zz`],
  ])('may not be %s', async (_, path) => {
    await expect(rootsOf().check(open({ path: path() }))).rejects.toMatchObject({
      ...OUTSIDE,
      details: { server: 'files', argument: 'path' },
    });
  });

  it('is refused without naming folders or the path', async () => {
    const error = (await rootsOf()
      .check(open({ path: join(top, 'secret/key') }))
      ?.catch((thrown: unknown) => thrown)) as Error & { details: object };
    const shown = error.message + JSON.stringify(error.details);
    expect(error.message).toBe('"path" is not a path inside the folders that the server "files" may use.');
    expect(shown).not.toContain(basename(top));
    expect(shown).not.toContain('secret');
  });

  it.skipIf(process.getuid?.() === 0)('may not lie where it cannot be told where it leads', async () => {
    const closed = join(top, 'data/closed');
    await mkdir(closed);
    await chmod(closed, 0);
    await expect(rootsOf().check(open({ path: join(closed, 'x') }))).rejects.toMatchObject(OUTSIDE);
    await chmod(closed, 0o700);
  });

  it('is refused when it is relative and nobody knows to what', async () => {
    const transport = { kind: 'http', url: 'http://x', headers: {} } as const;
    const remote = rootsOf(specOf([join(top, 'data')], { transport }));
    await expect(remote.check(open({ path: 'file.txt' }))).rejects.toMatchObject(OUTSIDE);
    await expect(remote.check(open({ path: join(top, 'data/file.txt') }))).resolves.toBeUndefined();
  });

  it('may lie in any of several folders, and in one that is a link or does not exist yet', async () => {
    const roots = rootsOf(specOf([join(top, 'none/yet'), join(top, 'alias/root'), join(top, 'data-evil')]));
    for (const path of ['none/yet/x', 'data/file.txt', 'data-evil/x', 'alias/root/file.txt']) {
      await expect(roots.check(open({ path: join(top, path) }))).resolves.toBeUndefined();
    }
    await expect(roots.check(open({ path: join(top, 'none/x') }))).rejects.toMatchObject(OUTSIDE);
  });
});

describe('which arguments are looked at', () => {
  const inside = 'file.txt';
  const outside = '../secret/key';

  it.each<[string, JsonObject, string]>([
    ['a list', { paths: [inside, outside] }, 'paths'],
    ['an argument of every tool', { path: inside, cwd: outside }, 'cwd'],
    ['one inside an object', { edit: { target: outside } }, 'edit.target'],
    ['one inside each object of a list', { edit: [{ target: inside }, { target: outside }] }, 'edit.target'],
    ['one whose name has a dot', { 'edit.target': outside }, 'edit.target'],
    ['no text: a number', { path: 7 }, 'path'],
    ['no text: an object', { path: { toString: outside } }, 'path'],
    ['no text inside a list', { paths: [inside, [outside]] }, 'paths'],
    ['more than anybody has', { paths: Array.from({ length: 1_001 }, () => inside) }, 'paths'],
  ])('refuses %s', async (_, values, argument) => {
    await expect(rootsOf().check(open(values))).rejects.toMatchObject({ ...OUTSIDE, details: { argument } });
  });

  it('lets through what is left out or null, and arguments that are not declared', async () => {
    await expect(rootsOf().check(open({ path: null, other: outside }))).resolves.toBeUndefined();
    await expect(rootsOf().check(open({}, 'list'))).resolves.toBeUndefined();
  });

  it('refuses arguments that are no object', async () => {
    const params = { name: 'open', arguments: ['../secret'] };
    await expect(rootsOf().check({ method: 'tools/call', params })).rejects.toMatchObject(OUTSIDE);
  });

  it('has nothing to wait for where nothing is declared', () => {
    const roots = rootsOf(specOf([join(top, 'data')], { pathArguments: { open: ['path'] } }));
    expect(roots.check(open({ path: outside }, 'list'))).toBeUndefined();
    expect(roots.check(open({ path: outside }, 'constructor'))).toBeUndefined();
    expect(
      roots.check({ method: 'prompts/get', params: { name: 'open', arguments: { path: outside } } }),
    ).toBeUndefined();
    expect(createServerRoots({ name: 'free' } as UpstreamSpec)).toBeUndefined();
  });
});

describe('a resource', () => {
  it.each(['resources/read', 'resources/subscribe'])('of %s lies in a folder when it is a file', async (method) => {
    const roots = rootsOf();
    const check = (uri: string): Promise<void> | undefined => roots.check({ method, params: { uri } });
    await expect(check(pathToFileURL(join(top, 'data/file.txt')).href)).resolves.toBeUndefined();
    for (const path of ['secret/key', 'data-evil/x', 'data/out/key']) {
      await expect(check(pathToFileURL(join(top, path)).href)).rejects.toMatchObject({
        ...OUTSIDE,
        details: { argument: 'uri' },
      });
    }
    await expect(check(`FILE://${join(top, 'secret/key')}`)).rejects.toMatchObject(OUTSIDE);
    await expect(check(`\tfile:${join(top, 'secret/key')}`)).rejects.toMatchObject(OUTSIDE);
    await expect(check(join(top, 'secret/key'))).rejects.toMatchObject(OUTSIDE);
    expect(check('test://etc/passwd')).toBeUndefined();
  });
});

describe('the folders', () => {
  it('are told as they are configured, in a list of its own for each who asks', () => {
    const uri = pathToFileURL(join(top, 'data')).href;
    const roots = rootsOf(specOf([], { roots: [{ uri, name: 'Data' }] }));
    const answer = roots.answer() as { roots: { uri: string }[] };
    expect(answer).toEqual({ roots: [{ uri, name: 'Data' }] });
    answer.roots.push({ uri: 'file:///' });
    expect(roots.answer()).toEqual({ roots: [{ uri, name: 'Data' }] });
  });

  it('are replaced as a whole, and the server is told only of what is news', async () => {
    const roots = rootsOf();
    const spec = specOf([join(top, 'data')]);
    expect(roots.replace(spec.roots ?? [], { open: ['other'] })).toBe(false);
    expect(roots.check(open({ path: '../x' }))).not.toBeUndefined();
    await expect(roots.check(open({ path: '../x' }))).resolves.toBeUndefined();
    expect(roots.replace([{ uri: pathToFileURL(join(top, 'secret')).href }], { open: ['path'] })).toBe(true);
    await expect(roots.check(open({ path: join(top, 'secret/key') }))).resolves.toBeUndefined();
    await expect(roots.check(open({ path: join(top, 'data/file.txt') }))).rejects.toMatchObject(OUTSIDE);
  });
});
