import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { gunzipSync } from 'node:zlib';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { startContainer } from './support/container.ts';
import { docker, image, inImage, root, tryDocker } from './support/docker.ts';
import { print } from './support/print.ts';

/** `scripts/containers.mjs` puts it beside the certificates that the build gets as a secret. */
const BUILD_CANARY = 'hostler-build-secret-canary';
const MEGABYTE = 1_000_000;

interface Config {
  readonly User: string;
  readonly Env: readonly string[];
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Volumes: Readonly<Record<string, object>>;
}

async function configOf(name: string): Promise<Config> {
  return JSON.parse(await docker('image', 'inspect', '--format', '{{json .Config}}', name)) as Config;
}

describe('the size on disk', () => {
  it.each([
    ['api', 260],
    ['cli', 260],
    ['api-runtimes', 500],
    ['dev', 1_000],
  ] as const)('of %s is below %i MB', async (name, most) => {
    // What the layers hold: nothing of them hides another, as there is nothing below them that was taken out.
    const listed = await inImage(image(name), 'du -sxk / --exclude=/proc --exclude=/sys --exclude=/dev | cut -f1');
    const size = (Number(listed) * 1_024) / MEGABYTE;
    print(`size of ${name}`, size, 'MB');
    expect(size).toBeGreaterThan(100);
    expect(size).toBeLessThan(most);
  });
});

describe('the image of the api', () => {
  it('says what it is, and is what it says', async () => {
    const { Labels } = await configOf(image('api'));
    const label = (name: string): string | undefined => Labels[`org.opencontainers.image.${name}`];
    expect(label('version')).toBe(await docker('run', '--rm', image('cli'), '--version'));
    expect(label('title')).toBe('hostler-api');
    expect(label('licenses')).toBe('Apache-2.0');
    expect(label('revision')).toMatch(/^[0-9a-f]{40}$/);
    expect(Date.parse(label('created') ?? '')).toBeGreaterThan(0);
  });

  it('has a user of its own, a volume and the port of the configuration’s default', async () => {
    const { User, ExposedPorts, Volumes } = await configOf(image('api'));
    const schema = JSON.parse(await readFile(join(root, 'docs/config.schema.json'), 'utf8')) as Schema;
    expect(User).toBe('10001:10001');
    expect(Object.keys(Volumes)).toEqual(['/var/lib/hostler']);
    expect(Object.keys(ExposedPorts)).toEqual([`${defaultPort(schema)}/tcp`]);
  });

  it('has no package manager and no program with rights of its owner', async () => {
    const found = await inImage(
      image('api'),
      'for name in npm npx corepack yarn pnpm apt apt-get dpkg pip pip3 uv perl curl wget gcc; do command -v $name || true; done; ' +
        'find / -xdev -type f -perm /6000; find / -xdev -name node_modules -path "*npm*"',
    );
    expect(found).toBe('');
  });

  it('has what was built and no sources, with the source maps of Hostler alone', async () => {
    const listed = await inImage(image('api'), 'cd /app && find . -type f | sort');
    const files = listed.split('\n');
    expect(files).toContain('./node_modules/@hostler/api/dist/main.js');
    expect(files).toContain('./node_modules/@hostler/api/dist/main.js.map');
    for (const name of ['secrets-gcp', 'secrets-aws', 'limits-redis']) {
      expect(files).toContain(`./node_modules/@hostler/${name}/dist/index.js`);
    }
    const isTemplate = (file: string): boolean => file.startsWith('./node_modules/@hostler/cli/templates/');
    expect(files.filter((file) => /\.[mc]?ts$/.test(file) && !isTemplate(file))).toEqual([]);
    expect(files.filter((file) => file.endsWith('.test.js'))).toEqual([]);
    expect(files.filter((file) => file.endsWith('.map') && !file.includes('/@hostler/'))).toEqual([]);
    // Built once for every platform.
    expect(files.filter((file) => file.endsWith('.node'))).toEqual([]);
    for (const name of ['vitest', 'typescript', 'turbo']) expect(listed).not.toContain(`node_modules/${name}/`);
  });

  it('loads what a configuration may name', async () => {
    const names = ['@hostler/secrets-gcp', '@hostler/secrets-aws', '@hostler/limits-redis'];
    const script = `for (const name of ${JSON.stringify(names)}) await import(name); console.log('loaded')`;
    const words = ['node', '--input-type=module', '-e', script];
    expect(await docker('run', '--rm', '--workdir=/app', image('api'), ...words)).toBe('loaded');
  });
});

describe('the image with runtimes', () => {
  it('has npm, npx, Python with TLS, uv and uvx', async () => {
    const printed = await docker(
      'run',
      '--rm',
      image('api-runtimes'),
      'sh',
      '-euc',
      'npm --version; npx --version; uv --version; uvx --version; ' +
        'python3 -c "import ssl, sqlite3; print(len(ssl.create_default_context().get_ca_certs()))"',
    );
    const lines = printed.split('\n');
    expect(lines[2]).toMatch(/^uv \d/);
    expect(Number(lines.at(-1))).toBeGreaterThan(50);
  });
});

describe('secrets', () => {
  it.each(['api', 'api-runtimes', 'cli', 'dev'] as const)('given to the build are nowhere in %s', async (name) => {
    const found = await search(image(name), [BUILD_CANARY, 'WORKDIR']);
    // The history says so: the search does find what is there.
    expect(found.get('WORKDIR')).toBeGreaterThan(0);
    expect(found.get(BUILD_CANARY)).toBe(0);
    const { Env } = await configOf(image(name));
    expect(Env.join('\n')).not.toMatch(/secret|token|password|_KEY=/i);
  });

  it('given to a container are not in its settings, its log or its files', async () => {
    const container = await startContainer();
    try {
      await container.answers('/readyz', 200);
      const settings = await container.inspect('{{json .}}');
      expect(settings).toContain(container.name);
      expect(settings).not.toContain(container.key);
      expect(await container.log()).not.toContain(container.key);
      const { stdout } = await tryDocker(['diff', container.name]);
      // Places to mount at are all that a root that cannot be written has new.
      expect(stdout.split('\n').filter((line) => line.startsWith('C /app') || line.startsWith('A /app'))).toEqual([]);
    } finally {
      await container.remove();
    }
  });
});

interface Schema {
  readonly properties: {
    readonly listen: {
      readonly properties: { readonly port: { readonly default?: number; readonly description: string } };
    };
  };
}

function defaultPort(schema: Schema): number {
  return schema.properties.listen.properties.port.default ?? 0;
}

/** How often each of these texts is in the saved image: every layer, the history, the settings. */
async function search(name: string, texts: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-image-'));
  const counts = new Map(texts.map((text) => [text, 0]));
  try {
    await docker('save', '--output', join(folder, 'image.tar'), name);
    execFileSync('tar', ['-xf', 'image.tar'], { cwd: folder });
    await rm(join(folder, 'image.tar'));
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name));
      const content = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
      for (const text of texts) if (content.includes(text)) counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return counts;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it.skipIf(process.env['CA_FILE'] === undefined)('the build was given the canary', async () => {
  const authorities = await readFile(process.env['CA_FILE'] ?? '', 'utf8');
  expect(authorities.includes(BUILD_CANARY)).toBe(true);
});
