import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { loadConfig } from '@hostler/config';
import type { JsonObject } from '@hostler/kernel';
import { createMemoryProvider } from '@hostler/secrets';
import { createVault } from '@hostler/secrets/vault';
import { temporaryDirectory } from '@hostler/test-kit';
import type { TemporaryDirectory } from '@hostler/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSecrets, createRuntime } from '../src/index.ts';
import type { Runtime, RuntimeOptions } from '../src/index.ts';

const KEY = `base64:${randomBytes(32).toString('base64')}`;
const secretsPackage = new URL('../../secrets/src/index.ts', import.meta.url).href;
const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
const never = new AbortController().signal;

let folder: TemporaryDirectory;
let runtime: Runtime | undefined;

beforeEach(async () => {
  folder = await temporaryDirectory();
  // A provider of a team's own, which says in its version what it was set up with.
  await writeFile(
    join(folder.path, 'provider.mjs'),
    `import { defineSecretProvider, secretErrors } from ${JSON.stringify(secretsPackage)};
     const fail = ({ token }) => { throw new Error('no connection with ' + token); };
     const any = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
     export const own = defineSecretProvider({ scheme: 'own', options: any, create: (options) => options.fails ? fail(options) : ({
       problemOf: (ref) => (ref.path.startsWith('t/') ? undefined : 'begin its path with t/.'),
       async read(ref) {
         if (ref.path === 't/denied') throw secretErrors.ACCESS_DENIED({ details: { problem: 'grant own.read on it.' } });
         return { value: 'value-of-' + ref.path, version: String(JSON.stringify(options).length) };
       },
     }) });`,
  );
});
afterEach(async () => {
  await runtime?.close();
  runtime = undefined;
  await folder[Symbol.asyncDispose]();
});

async function planOf(servers: JsonObject, secrets: JsonObject = {}) {
  const file = join(folder.path, 'hostler.json');
  await writeFile(file, JSON.stringify({ servers, secrets, log: { level: 'debug' } }));
  return (await loadConfig(file)).plan;
}

async function create(
  servers: JsonObject,
  secrets: JsonObject = {},
  options: Partial<RuntimeOptions> = {},
): Promise<Runtime> {
  const plan = await planOf(servers, secrets);
  runtime = await createRuntime({
    plan,
    environment: { PATH: process.env['PATH'] },
    logDestination: silent,
    ...options,
  });
  return runtime;
}

const uses = (...references: readonly string[]): JsonObject => ({
  command: 'x',
  env: Object.fromEntries(references.map((secret, index) => [`V${index}`, { secret }])),
});
const provider = (options: JsonObject): JsonObject => ({ providers: [{ use: './provider.mjs', with: options }] });

describe('the secrets of a host', () => {
  it('are listed with where they are used, before anything was read', async () => {
    const two = { url: 'http://x/', headers: { h: { secret: 'own://t/a' } } };
    const { secrets } = await create({ one: uses('own://t/a', 'env://B'), two }, provider({}));
    expect(secrets.list()).toEqual([
      {
        reference: 'own://t/a',
        scheme: 'own',
        pinned: false,
        stale: false,
        weak: false,
        usedBy: ['servers.one.env.V0', 'servers.two.headers.h'],
      },
      { reference: 'env://B', scheme: 'env', pinned: false, stale: false, weak: false, usedBy: ['servers.one.env.V1'] },
    ]);
  });

  it('are checked all together: what can be had, and why not, with the permission that is missing', async () => {
    const { secrets } = await create(
      { one: uses('own://t/a', 'own://t/denied', 'env://NOT_THERE', 'gone://x', 'env://SHORT') },
      provider({}),
      { environment: { SHORT: 'abc' } },
    );
    const rows = await secrets.check(never);
    expect(rows).toMatchObject([
      { reference: 'own://t/a', version: '2', age: expect.any(Number) as number, weak: false },
      {
        reference: 'own://t/denied',
        code: 'SECRET_ACCESS_DENIED',
        problem: expect.stringContaining('grant own.read on it.') as string,
      },
      { reference: 'env://NOT_THERE', code: 'SECRET_NOT_FOUND' },
      { reference: 'gone://x', problem: expect.any(String) as string },
      { reference: 'env://SHORT', weak: true },
    ]);
    expect(rows[0]).not.toHaveProperty('code');
    expect(JSON.stringify(rows)).not.toContain('value-of');
  });

  it('are not waited for longer than the signal says', async () => {
    const hanging = { scheme: 'slow', read: () => new Promise<never>(() => undefined) };
    const { secrets } = await create({ one: uses('slow://x') }, {}, { providers: [hanging] });
    const leaving = new AbortController();
    const checking = secrets.check(leaving.signal);
    leaving.abort(new Error('gone'));
    await expect(checking).rejects.toThrow('gone');
  });

  it('come from providers that are passed in code, too', async () => {
    const memory = createMemoryProvider({ a: { value: 'value-in-memory', version: '7' } });
    const { secrets } = await create({ one: uses('memory://a') }, {}, { providers: [memory] });
    expect(await secrets.check(never)).toMatchObject([{ reference: 'memory://a', version: '7' }]);
  });

  it('are not said by a provider that cannot be set up with them', async () => {
    const token = `opt-${randomBytes(12).toString('hex')}`;
    const failing = provider({ fails: true, token: { secret: 'env://TOKEN' } });
    const refused = create({}, failing, { environment: { TOKEN: token } });
    await expect(refused).rejects.toMatchObject({
      code: 'SECRET_OPTIONS_INVALID',
      message: 'The secret provider for own:// is set up wrongly: no connection with [secret]',
    });
  });

  it('that are more than can be masked are named in the log', async () => {
    const lines: string[] = [];
    const logDestination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    // Each has about 800 000 characters in its forms, and there is room for 32 Mi.
    const values = Array.from({ length: 60 }, () => randomBytes(31_000).toString('hex'));
    const memory = createMemoryProvider(Object.fromEntries(values.map((value, index) => [`s${index}`, value])));
    const references = values.map((_, index) => `memory://s${index}`);
    const { secrets } = await create({ one: uses(...references) }, {}, { providers: [memory], logDestination });
    await secrets.check(never);
    expect(lines.join('')).toContain('not masked');
    expect(lines.join('')).toContain('memory://s0');
  });

  it('are not rotated when the host does not use them', async () => {
    const { secrets } = await create({ one: uses('env://A') });
    await expect(secrets.rotate({ references: ['env://A', 'env://B'] }, never)).rejects.toMatchObject({
      code: 'ROTATION_NOT_USED',
      details: { problems: [{ pointer: '/references/1' }] },
    });
  });
});

describe('the options of a provider', () => {
  it('may hold references of what is there before it, at any depth', async () => {
    await writeFile(join(folder.path, 'token'), 'token-of-the-file');
    const vault = createVault({ file: join(folder.path, 'hostler.vault'), keys: [KEY] });
    await vault.set('own/login', 'login-of-the-vault');
    const options = {
      list: [{ login: { secret: 'local://own/login' } }],
      token: { secret: 'file://./token' },
      env: { secret: 'env://TOKEN' },
      plain: { secret: 'x', other: 1 },
    };
    const host = await create(
      { one: uses('own://t/a') },
      { ...provider(options), local: {} },
      { environment: { TOKEN: 'token-of-the-environment', HOSTLER_ENCRYPTION_KEY: KEY } },
    );
    const filled = {
      list: [{ login: 'login-of-the-vault' }],
      token: 'token-of-the-file',
      env: 'token-of-the-environment',
      plain: { secret: 'x', other: 1 },
    };
    const rows = await host.secrets.check(never);
    expect(rows).toMatchObject([
      { reference: 'own://t/a', version: String(JSON.stringify(filled).length) },
      { reference: 'local://own/login', version: '1', usedBy: ['secrets.providers.0.with.list.0.login'] },
      { reference: 'file://./token', usedBy: ['secrets.providers.0.with.token'] },
      { reference: 'env://TOKEN', usedBy: ['secrets.providers.0.with.env'] },
      { reference: 'env://HOSTLER_ENCRYPTION_KEY', usedBy: ['secrets.local.key'] },
    ]);
    for (const text of ['login-of-the-vault', 'token-of-the-file', 'token-of-the-environment', KEY]) {
      expect(host.redact(`<${text}>`)).toBe('<[secret]>');
    }
  });

  it('that cannot be read stop the start, by the name of the provider and the place', async () => {
    await expect(create({}, provider({ a: { b: { secret: 'env://NOT_THERE' } } }))).rejects.toMatchObject({
      code: 'PROVIDER_OPTION_UNREADABLE',
      message: expect.stringMatching(
        /option a\.b of the secret provider ".*provider\.mjs" .* env:\/\/NOT_THERE/,
      ) as string,
    });
  });
});

describe('the encrypted file', () => {
  it('serves local://, and blocks only what uses it when its key is missing', async () => {
    const file = join(folder.path, 'deep/hostler.vault');
    await mkdir(join(folder.path, 'deep'));
    await createVault({ file, keys: [KEY] }).set('github/token', 'value-in-the-vault');
    const local = { local: { file: 'deep/hostler.vault', oldKeys: [{ secret: 'env://OLD_KEY' }] } };
    const environment = {
      HOSTLER_ENCRYPTION_KEY: KEY,
      OLD_KEY: `hex:${randomBytes(32).toString('hex')}`,
      A: 'value-of-a',
    };
    const host = await create({ one: uses('local://github/token', 'env://A') }, local, { environment });
    expect(
      (await host.secrets.check(never)).map(({ reference, version, code }) => [reference, version ?? code]),
    ).toEqual([
      ['local://github/token', '1'],
      ['env://A', undefined],
      ['env://HOSTLER_ENCRYPTION_KEY', undefined],
      ['env://OLD_KEY', undefined],
    ]);
    await host.close();
    const { secrets } = await create({ one: uses('local://github/token', 'env://A') }, local, {
      environment: { A: 'value-of-a' },
    });
    expect(await secrets.check(never)).toMatchObject([
      {
        reference: 'local://github/token',
        code: 'SECRET_VAULT_KEY_INVALID',
        problem: expect.stringContaining('env://HOSTLER_ENCRYPTION_KEY does not exist') as string,
      },
      { reference: 'env://A' },
      { reference: 'env://HOSTLER_ENCRYPTION_KEY', code: 'SECRET_NOT_FOUND' },
      { reference: 'env://OLD_KEY', code: 'SECRET_NOT_FOUND' },
    ]);
  });
});

describe('checkSecrets', () => {
  it('asks each provider whether the reference can name anything, and reads nothing', async () => {
    const plan = await planOf(
      { one: uses('own://t/a', 'own://x'), off: { ...uses('own://y'), disabled: true } },
      provider({}),
    );
    expect(await checkSecrets(plan)).toMatchObject([
      {
        path: ['servers', 'one', 'env', 'V1', 'secret'],
        message: expect.stringContaining('begin its path with t/.') as string,
      },
      {
        path: ['servers', 'off', 'env', 'V0', 'secret'],
        message: expect.stringContaining('begin its path with t/.') as string,
      },
    ]);
  });

  it('needs no secret that an option holds, and no key', async () => {
    const plan = await planOf(
      { one: uses('own://x', 'local://a') },
      { ...provider({ a: { secret: 'env://A' } }), local: {} },
    );
    expect(await checkSecrets(plan)).toEqual([]);
  });
});
