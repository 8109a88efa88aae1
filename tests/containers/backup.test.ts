import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createComposeDeployment } from './support/compose-deployment.ts';
import type { ComposeDeployment } from './support/compose-deployment.ts';

const STORED = 'what-the-vault-holds-4711';
/** Seals, and opens, what a user has agreed to as the host does, inside the container; it is kept where the host keeps such. */
const withSealer = (work: string): readonly string[] => [
  'node',
  '--input-type=module',
  '--eval',
  `import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
   import { createSealer } from '/app/node_modules/@hostler/secrets/dist/vault/index.js';
   const key = readFileSync('/run/secrets/vault-key', 'utf8').trim();
   const state = readdirSync('/var/lib/hostler').find((name) => /^[0-9a-f]{16}$/.test(name));
   const folder = '/var/lib/hostler/' + state + '/oauth';
   const name = 'a'.repeat(64);
   ${work}`,
];
const sealGrant = withSealer(`const sealer = await createSealer([key]);
   mkdirSync(folder, { recursive: true, mode: 0o700 });
   writeFileSync(folder + '/keys.json', sealer.proof, { mode: 0o600 });
   writeFileSync(folder + '/' + name + '.sealed', sealer.seal(['oauth', name], 'agreed'), { mode: 0o600 });`);
const openGrant = withSealer(`const sealer = await createSealer([key], readFileSync(folder + '/keys.json', 'utf8'));
   console.log(sealer.unseal(['oauth', name], readFileSync(folder + '/' + name + '.sealed', 'utf8')));`);

let deployment: ComposeDeployment;

beforeEach(async () => {
  deployment = await createComposeDeployment();
  const { code, output } = await deployment.compose('up', '--detach', '--wait', '--wait-timeout', '60');
  if (code !== 0) throw new Error(output);
});

afterEach(async () => {
  await deployment[Symbol.asyncDispose]();
});

/** Something of everything that lasts. */
async function leaveTraces(): Promise<void> {
  expect(await deployment.call('before')).toBe('before');
  expect((await deployment.insideWith(STORED, 'hostler', 'secrets', 'set', 'note-token')).code).toBe(0);
  await deployment.inside('hostler', 'lock', 'init');
  await deployment.inside(...sealGrant);
}

interface State {
  /** Digest, mode and owner of everything but the record and what is made anew. */
  readonly files: string;
  readonly secret: string;
  readonly grant: string;
}

async function stateNow(): Promise<State> {
  const listed = await deployment.inside(
    'sh',
    '-c',
    'cd /var/lib/hostler && find . -type f ! -path "*/audit-heads/*" ! -path "./audit/*" -exec sh -c \'for f; do echo "$(stat -c "%a %u:%g" "$f") $(sha256sum "$f")"; done\' - {} +',
  );
  return {
    files: listed.split('\n').sort().join('\n'),
    secret: await deployment.inside('hostler', 'secrets', 'get', 'note-token', '--reveal'),
    grant: (await deployment.inside(...openGrant)).trim(),
  };
}

interface Verified {
  readonly isIntact: boolean;
  readonly problems: readonly { readonly detail: string }[];
  readonly chains: readonly { readonly shard: number; readonly first: number; readonly last: number }[];
}

/** The command in a container of its own, with the same volume. */
const oneTime = (...words: readonly string[]): readonly string[] => [
  'run',
  '--rm',
  '--no-deps',
  '-T',
  '--entrypoint',
  'hostler',
  'api',
  ...words,
];

async function verify(): Promise<Verified> {
  return JSON.parse(await deployment.inside('hostler', 'audit', 'verify', '--json')) as Verified;
}

async function recordedCalls(): Promise<number> {
  const found = await deployment.inside('hostler', 'audit', 'search', '--consumer', 'client', '--json');
  return found.split('\n').filter((line) => line.includes('"outcome"') && line.includes('"note"')).length;
}

test('a host that works is copied, wiped and put back: nothing that lasts is another', async () => {
  await leaveTraces();
  const before = await stateNow();
  const file = join(deployment.folder, 'hostler.backup');

  // Calls go on while it is copied.
  const client = await deployment.connect();
  let isOver = false;
  let answered = 0;
  const calls = (async () => {
    while (!isOver) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await client.callTool({ name: 'notes__note', arguments: { text: 'meanwhile' } });
      answered += 1;
    }
  })();
  const backup = await deployment.script('backup.sh', file);
  isOver = true;
  await calls;
  await client.close();
  expect([backup.code, backup.output]).toEqual([
    0,
    expect.stringMatching(/backup: .* files of state, \d+ KiB, in \d+ s/),
  ]);
  expect(answered).toBeGreaterThan(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const content = gunzipSync(readFileSync(file)).toString('latin1');
  for (const secret of [deployment.clientKey, deployment.vaultKey, STORED])
    expect(content.includes(secret)).toBe(false);
  expect(content).toContain('hostler.vault');

  // Everything that the deployment has on this engine is gone.
  expect((await deployment.compose('down', '--volumes')).code).toBe(0);
  // It is put back on another machine, where nothing holds the locks of this one.
  const composeFile = join(deployment.folder, 'docker-compose.yml');
  writeFileSync(composeFile, readFileSync(composeFile, 'utf8').replace('"hostname":"hostler"', '"hostname":"another"'));
  expect((await deployment.script('restore.sh', '--no-start', file)).code).toBe(0);
  // As it lies there the record lacks no more than the signature of its last part: what the state folder says of it is in it.
  const asCopied = await deployment.compose(...oneTime('audit', 'verify', '--json'));
  const { problems } = JSON.parse(asCopied.output.slice(asCopied.output.indexOf('{\n'))) as Verified;
  expect(problems.map(({ detail }) => detail).filter((detail) => !detail.includes('no signature at its end'))).toEqual(
    [],
  );
  const started = performance.now();
  const restore = await deployment.script('restore.sh', '--force', file);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  expect([restore.code, restore.output]).toEqual([0, expect.stringContaining('intact')]);
  console.log(`${backup.output.trim()}; ${answered} calls meanwhile; restored, tested and verified in ${seconds} s`);

  expect(await stateNow()).toEqual(before);
  expect(before).toMatchObject({ secret: expect.stringContaining(STORED), grant: 'agreed' });
  expect(await recordedCalls()).toBeGreaterThan(0);
  const { chains } = await verify();
  expect(await deployment.call('after')).toBe('after');
  const later = await verify();
  expect(later.isIntact).toBe(true);
  // The chain goes on where the copy ended: it is not a new one.
  expect(later.chains.map(({ shard }) => shard)).toEqual(chains.map(({ shard }) => shard));
  expect(later.chains[0]?.first).toBe(chains[0]?.first);
  expect(later.chains[0]?.last).toBeGreaterThan(chains[0]?.last ?? Infinity);
  expect((await deployment.compose('exec', '-T', 'api', 'hostler', 'lock', 'diff')).code).toBe(0);
});

test('with --stop no call is under way in the copy, and the host runs again', async () => {
  await leaveTraces();
  const file = join(deployment.folder, 'hostler.backup');
  expect((await deployment.script('backup.sh', '--check', file)).output).toContain('would write');
  const backup = await deployment.script('backup.sh', '--stop', file);
  expect([backup.code, backup.output]).toEqual([0, expect.any(String)]);
  await expect.poll(() => deployment.call('again').catch(() => ''), { timeout: 30_000 }).toBe('again');
  await deployment.compose('down', '--volumes');
  const restore = await deployment.script('restore.sh', '--no-start', file);
  expect([restore.code, restore.output]).toEqual([0, expect.stringContaining('the host is stopped')]);
  // Intact as it lies there, without a host that goes on with it.
  const { code, output } = await deployment.compose(...oneTime('audit', 'verify'));
  expect([code, output]).toEqual([0, expect.stringContaining('intact')]);
});

test('what was changed, or would be lost, is not touched', async () => {
  await leaveTraces();
  const file = join(deployment.folder, 'hostler.backup');
  expect((await deployment.script('backup.sh', file)).code).toBe(0);
  expect(await deployment.script('backup.sh', file)).toEqual({
    code: 2,
    output: expect.stringContaining('is there already'),
  });
  const before = await stateNow();

  // One letter of the configuration in it.
  const archive = gunzipSync(readFileSync(file));
  const place = archive.indexOf('drift: { new: warn }');
  archive.write('D', place);
  const changed = join(deployment.folder, 'changed.backup');
  writeFileSync(changed, gzipSync(archive));
  expect(await deployment.script('restore.sh', '--force', changed)).toEqual({
    code: 2,
    output: expect.stringContaining('checksums are wrong'),
  });
  const half = join(deployment.folder, 'half.backup');
  writeFileSync(half, readFileSync(file).subarray(0, 2_000));
  expect((await deployment.script('restore.sh', '--force', half)).code).toBe(2);
  copyFileSync(join(deployment.folder, 'hostler.yaml'), half);
  expect((await deployment.script('restore.sh', '--force', half)).code).toBe(2);

  expect(await deployment.script('restore.sh', file)).toEqual({
    code: 2,
    output: expect.stringContaining('holds data'),
  });
  expect(await stateNow()).toEqual(before);
  expect((await deployment.script('restore.sh', '--check', file)).output).toContain('is whole');

  // With --force what came after the copy is gone, and the configuration is unpacked where it is asked for.
  await deployment.inside('sh', '-c', 'echo later > /var/lib/hostler/later');
  const folder = join(deployment.folder, 'configuration');
  const restore = await deployment.script('restore.sh', '--force', '--configuration', folder, file);
  expect([restore.code, restore.output]).toEqual([0, expect.stringContaining('intact')]);
  expect(await stateNow()).toEqual(before);
  expect(readFileSync(join(folder, 'hostler.yaml'), 'utf8')).toBe(
    readFileSync(join(deployment.folder, 'hostler.yaml'), 'utf8'),
  );
});
