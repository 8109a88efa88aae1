import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAllowed, withoutAllowed } from '../../../scripts/scan/allowed-findings.ts';
import { findSecrets } from '../../../scripts/scan/find-secrets.ts';
import { scanHistory } from '../../../scripts/scan/scan-history.ts';
import { scanSavedImage } from '../../../scripts/scan/scan-image.ts';
import { scanTree } from '../../../scripts/scan/scan-tree.ts';

// Put together here: the files of this repository are searched as well.
const githubToken = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');
const consumerKey = ['hk', 'Abcd1234', 'x'.repeat(43), '0123abcd'].join('_');
const encryptionKey = `base64:${'A'.repeat(43)}=`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostler-scan-test-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function git(...command: readonly string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...command], { cwd: folder, encoding: 'utf8' });
}

/** An archive made by the tar of this machine. */
function tarOf(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const root = mkdtempSync(join(folder, 'tar-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return execFileSync('tar', ['-c', '-C', root, ...Object.keys(files)], { maxBuffer: 1 << 28 });
}

describe('a text', () => {
  test.each([
    ['a token of a forge', `token: ${githubToken}`, 'github'],
    ['a key of a consumer', `HOSTLER_KEY=${consumerKey}`, 'hostler/consumer-key'],
    ['the key of an encrypted file', `HOSTLER_ENCRYPTION_KEY="${encryptionKey}"`, 'hostler/encryption-key'],
    [
      'a private key',
      `-----BEGIN ${'PRIVATE'} KEY-----\n${'MIIE'.repeat(40)}\n-----END ${'PRIVATE'} KEY-----`,
      'privatekey',
    ],
  ])('with %s', async (_name, text, rule) => {
    const findings = await findSecrets(`first line\n${text}\n`, 'a.txt');
    expect(findings.map((finding) => [finding.rule, finding.line])).toEqual([[rule, 2]]);
    expect(JSON.stringify(findings)).not.toContain(githubToken);
  });

  test('with what only looks similar', async () => {
    expect(
      await findSecrets('hk_short ghp_none HOSTLER_ENCRYPTION_KEY="base64:$(openssl rand -base64 32)"', 'a.md'),
    ).toEqual([]);
  });

  test('whose comment asks not to look', async () => {
    const text = `// secretlint-disable\nconst token = '${githubToken}';\n// secretlint-enable\n`;
    expect(await findSecrets(text, 'a.ts')).toHaveLength(1);
  });
});

describe('what is known to be none', () => {
  test('is left out by rule and exact text, and nothing else is', async () => {
    const findings = await findSecrets(`${githubToken}\n${consumerKey}`, 'a.txt');
    const digest = createHash('sha256').update(githubToken).digest('hex');
    expect(withoutAllowed(findings, [{ rule: 'github', digest }]).map(({ rule }) => rule)).toEqual([
      'hostler/consumer-key',
    ]);
    expect(withoutAllowed(findings, [{ rule: 'aws', digest }])).toHaveLength(2);
  });

  test('says why', () => {
    for (const { reason, where } of readAllowed()) {
      expect([where, reason.length > 20]).toEqual([where, true]);
    }
  });
});

describe('a working copy', () => {
  test('with a file that could be committed', async () => {
    git('init', '--quiet');
    writeFileSync(join(folder, '.gitignore'), 'ignored\n');
    writeFileSync(join(folder, 'ignored'), githubToken);
    writeFileSync(join(folder, 'binary'), Buffer.from([0, 1, 2]));
    writeFileSync(join(folder, 'new.txt'), githubToken);
    const { findings, unread } = await scanTree(folder);
    expect(findings.map(({ place }) => place)).toEqual(['new.txt']);
    expect(unread).toBe(1);
  });

  test('whose history holds a secret that is gone from the tree', async () => {
    git('init', '--quiet');
    writeFileSync(join(folder, 'old.txt'), `key = ${githubToken}\n`);
    git('add', '.');
    git('commit', '--quiet', '--message', 'first');
    unlinkSync(join(folder, 'old.txt'));
    git('add', '--all');
    git('commit', '--quiet', '--message', `second, with ${consumerKey}`);
    expect((await scanTree(folder)).findings).toEqual([]);
    const { findings, what } = await scanHistory(folder);
    expect(findings.map(({ place }) => place)).toEqual([
      expect.stringMatching(/^[0-9a-f]{10}:old\.txt$/),
      'messages of commits',
    ]);
    expect(what).toContain('2 commits');
  });
});

describe('an image', () => {
  const config = JSON.stringify({ config: { Env: ['PATH=/usr/bin'] }, history: [{ created_by: 'COPY . .' }] });

  test('with a secret in a layer, compressed or not', async () => {
    const layer = tarOf({ 'app/settings.env': `TOKEN=${githubToken}\n` });
    for (const blob of [layer, gzipSync(layer)]) {
      // oxlint-disable-next-line no-await-in-loop -- two
      const { findings } = await scanSavedImage(tarOf({ 'blobs/sha256/one': blob, 'manifest.json': '[]' }));
      expect(findings.map(({ place, rule }) => [place, rule])).toEqual([
        ['blobs/sha256/one:app/settings.env', 'github'],
      ]);
    }
  });

  test('with one in its history', async () => {
    const history = JSON.stringify({ history: [{ created_by: `RUN curl -H "x: ${githubToken}"` }] });
    const { findings } = await scanSavedImage(tarOf({ layer: tarOf({ a: 'b' }), 'config.json': history }));
    expect(findings.map(({ place }) => place)).toEqual(['config.json']);
  });

  test('with a value that a build was given, in a binary file with a long name', async () => {
    const name = `app/${'deep/'.repeat(30)}program`;
    const program = Buffer.concat([Buffer.alloc(2_000), Buffer.from('what-the-build-was-given'), Buffer.alloc(9)]);
    const saved = tarOf({ layer: gzipSync(tarOf({ [name]: program })), 'config.json': config });
    const { findings } = await scanSavedImage(saved, ['what-the-build-was-given']);
    expect(findings.map(({ place, rule }) => [place, rule])).toEqual([[`layer:${name}`, 'forbidden-value']]);
    expect((await scanSavedImage(saved, ['another-value'])).findings).toEqual([]);
  });

  test('without layers is not taken for a clean one', async () => {
    await expect(scanSavedImage(tarOf({ 'config.json': config }))).rejects.toThrow('no layer');
  });
});
