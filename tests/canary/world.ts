import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVault } from '@hostler/secrets/vault';
import { startAwsSecretsManager, startGcpSecretManager, temporaryDirectory } from '@hostler/test-kit';
import { createCanaries, createValue } from './canaries.ts';
import type { Canary } from './canaries.ts';
import { encode, ENCODINGS } from './encodings.ts';
import { startLeakingHttp } from './leaking-http.ts';
import type { LeakingHttp } from './leaking-http.ts';

/** How a canary is given to whom it is for. */
export type Delivery = 'env' | 'file' | 'fd' | 'header' | 'tls' | 'option';

export interface Delivered extends Canary {
  readonly delivery: Delivery;
  /** The server that it is for; none of them for the options of a provider. */
  readonly owner: string;
}

/** All that surrounds a host: backends with canaries, servers that leak, and a configuration. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly configFile: string;
  readonly config: object;
  readonly canaries: readonly Delivered[];
  /** A secret that its provider quotes instead of giving it: the host never had it, and so cannot know it when it sees it. */
  readonly unread: Delivered;
  readonly environment: Readonly<Record<string, string>>;
  /** Where the host remembers things. */
  readonly state: string;
  /** Where guards that are left out are named. */
  readonly leftOut: string;
  /** What a server was sent. */
  received(server: string): Promise<string>;
  /** From now on the servers give these away. */
  leak(canaries: readonly Pick<Canary, 'value'>[]): Promise<void>;
  readonly google: Awaited<ReturnType<typeof startGcpSecretManager>>;
}

const here = fileURLToPath(new URL('.', import.meta.url));
export const leakingServer: string = join(here, 'leaking-server.ts');
const HEADERS = 6;
/** A program and a reference are called what this one is: so it stands where names do. */
export const NAMED = 'C08';

/** @param careless also what a careless operator writes: a secret as it is, among the arguments of a program */
export async function createWorld(seed: string, careless: boolean): Promise<World> {
  const temporary = await temporaryDirectory();
  const folder = temporary.path;
  const canaries = deliver(createCanaries(seed));
  for (const name of ['mounted', 'left-out', 'home', 'tmp', 'reports', 'received']) await mkdir(join(folder, name));
  const leaksFile = join(folder, 'leaks.json');
  const receivedFile = (server: string): string => join(folder, 'received', server);
  const key = `base64:${randomBytes(32).toString('base64')}`;
  const [google, amazon, http] = await Promise.all([
    startGcpSecretManager({ project: 'canaries' }),
    startAwsSecretsManager({ region: 'eu-west-1' }),
    startLeakingHttp(leaksFile, receivedFile('remote')),
  ]);
  const ownToken = valueOf(canaries, 'C00');
  const unread: Delivered = {
    ...(canaries[7] as Delivered),
    name: 'unread',
    value: createValue('hex', `${seed} unread`),
  };
  await fillFiles(folder, [...canaries, unread], ownToken);
  const vault = createVault({ file: join(folder, 'hostler.vault'), keys: [key] });
  for (const { name, place, value } of canaries) {
    if (place === 'vault') await vault.set(name, value);
    if (place === 'gcp') google.set(name, value);
    if (place === 'aws') amazon.set(`canaries/${name}`, JSON.stringify({ value }));
  }
  const config = createConfig({ folder, canaries, leaksFile, receivedFile, http, google, careless });
  const configFile = join(folder, 'hostler.json');
  await writeFile(configFile, JSON.stringify(config, undefined, 2));
  const world: World = {
    folder,
    configFile,
    config,
    canaries,
    unread,
    google,
    state: join(folder, 'state'),
    leftOut: join(folder, 'left-out'),
    environment: {
      PATH: process.env['PATH'] ?? '',
      HOME: join(folder, 'home'),
      TMPDIR: join(folder, 'tmp'),
      ...amazon.environment,
      HOSTLER_ENCRYPTION_KEY: key,
      CANARY_LEFT_OUT: join(folder, 'left-out'),
      ...Object.fromEntries(
        canaries.filter(({ place }) => place === 'env').map(({ name, value }) => [`CANARY_${name}`, value]),
      ),
    },
    received: (server) => readFile(receivedFile(server), 'utf8').catch(() => ''),
    async leak(all) {
      const leaks = all.flatMap(({ value }) =>
        ENCODINGS.map((encoding) => ({ encoding, text: encode(value, encoding) })),
      );
      await writeFile(leaksFile, JSON.stringify(leaks));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([google.stop(), amazon.stop(), http[Symbol.asyncDispose]()]);
      await temporary[Symbol.asyncDispose]();
    },
  };
  await world.leak(canaries);
  return world;
}

export function valueOf(canaries: readonly Canary[], wanted: string): string {
  const found = canaries.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`There is no canary ${wanted}`);
  return found.value;
}

function deliver(canaries: readonly Canary[]): readonly Delivered[] {
  let headers = 0;
  return canaries.map((canary, index): Delivered => {
    const { kind, place } = canary;
    if (kind === 'token' && place === 'env') return { ...canary, delivery: 'option', owner: '' };
    if (kind === 'pem' && (place === 'gcp' || place === 'aws')) return { ...canary, delivery: 'tls', owner: 'tls' };
    const fits = ['token', 'hex', 'base64', 'number'].includes(kind) && place !== 'env';
    if (fits && (headers += 1) <= HEADERS) return { ...canary, delivery: 'header', owner: 'remote' };
    const delivery = (['env', 'file', 'fd'] as const)[index % 3] as 'env' | 'file' | 'fd';
    return { ...canary, delivery, owner: delivery === 'env' ? 'teller' : 'keeper' };
  });
}

async function fillFiles(folder: string, canaries: readonly Canary[], ownToken: string): Promise<void> {
  const at = (place: string): readonly Canary[] => canaries.filter((canary) => canary.place === place);
  const valuesAt = (place: string): object => Object.fromEntries(at(place).map(({ name, value }) => [name, value]));
  for (const { name, value } of at('file')) await writeFile(join(folder, 'mounted', name), `${value}\n`);
  await writeFile(join(folder, 'mounted/keys.json'), JSON.stringify({ keys: valuesAt('json-file') }));
  const lines = at('dotenv').map(({ name, value }) => `${name}='${value}'\n`);
  await writeFile(join(folder, 'mounted/settings.env'), lines.join(''));
  await writeFile(join(folder, 'own.json'), JSON.stringify({ token: ownToken, values: valuesAt('module') }));
}

interface ConfigParts {
  readonly folder: string;
  readonly canaries: readonly Delivered[];
  readonly leaksFile: string;
  readonly receivedFile: (server: string) => string;
  readonly http: LeakingHttp;
  readonly google: { readonly grpc: string };
  readonly careless: boolean;
}

function createConfig(parts: ConfigParts): object {
  const { folder, canaries, google } = parts;
  const module = (path: string): string => relative(folder, join(here, path));
  const [reference = ''] = canaries
    .filter(({ place, kind }) => place === 'env' && kind === 'token')
    .map((one) => one.reference);
  return {
    servers: createServers(parts),
    secrets: {
      refresh: '0s',
      local: {},
      providers: [
        {
          use: module('../../packages/secrets-gcp/src/index.ts'),
          with: { project: 'canaries', endpoint: google.grpc, insecure: true },
        },
        { use: module('../../packages/secrets-aws/src/index.ts'), with: { region: 'eu-west-1' } },
        { use: module('own-provider.ts'), with: { file: join(folder, 'own.json'), token: { secret: reference } } },
      ],
    },
    log: { level: 'debug' },
    state: { directory: './state' },
    // With the values of all arguments: more is never written.
    audit: {
      sinks: [{ type: 'file', directory: './audit' }, { type: 'stdout' }],
      values: ['tool:*/*', 'prompt:*/*'],
    },
    shutdown: { grace: '1s' },
    api: {
      secrets: { enabled: true },
      servers: { enabled: true, commands: [process.execPath], env: ['*'], secrets: ['env://*'] },
    },
  };
}

function createServers({ folder, canaries, leaksFile, receivedFile, http, careless }: ConfigParts): object {
  const stdio = (name: string, env: object, more: readonly string[] = []): object => ({
    command: process.execPath,
    args: [leakingServer, ...more],
    env: { LEAKS: leaksFile, RECORD: receivedFile(name), ...env },
    era: 'legacy',
    startTimeout: '20s',
  });
  const use = (delivery: Delivery): object =>
    Object.fromEntries(
      canaries
        .filter((canary) => canary.delivery === delivery)
        .map(({ name, reference }) => [
          name,
          { secret: reference, ...((delivery === 'file' || delivery === 'fd') && { as: delivery }) },
        ]),
    );
  const headers = Object.fromEntries(Object.entries(use('header')).map(([name, value]) => [`X-${name}`, value]));
  const [bearer = {}] = Object.values(headers) as object[];
  const [key, certificate] = Object.values(use('tls'));
  const named = valueOf(canaries, NAMED);
  const token = valueOf(canaries, 'C63');
  return {
    teller: stdio('teller', use('env'), careless ? [token] : []),
    keeper: stdio('keeper', {
      ...use('file'),
      ...use('fd'),
      // A reference that is itself what another secret is: it stands in every list of secrets, and can never be read.
      NAMED_AFTER: { secret: `env://${named}`, optional: true },
    }),
    remote: { url: `${http.url}/leaking`, headers, type: 'streamable-http', era: 'legacy' },
    denied: { url: `${http.url}/denied`, headers: { ...headers, authorization: { ...bearer, format: 'Bearer {}' } } },
    tls: { url: 'https://127.0.0.1:1/mcp', tls: { key, certificate } },
    crashing: stdio('crashing', { ...use('env'), CRASH: '1' }),
    missing: { command: `./no-such-${named}`, env: use('env') },
    forbidden: { command: leaksFile, env: use('env') },
    nowhere: { ...stdio('nowhere', use('env')), cwd: join(folder, 'no-such-folder') },
    blocked: stdio('blocked', { QUOTED: { secret: 'own://quoted-unread' } }),
  };
}
