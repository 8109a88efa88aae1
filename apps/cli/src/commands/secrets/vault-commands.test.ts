import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runIn } from '../../../test/support/run-in-memory.ts';
import type { RunOptions } from '../../../test/support/run-in-memory.ts';

const CONFIG = 'servers: {}\nsecrets: { local: { file: team.vault } }\n';
const newKey = () => `base64:${randomBytes(32).toString('base64')}`;
const value = 'vault-value-8d1f';

let folder: string;
let key: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostler-vault-'));
  key = newKey();
  await writeFile(join(folder, 'hostler.yaml'), CONFIG);
});
afterEach(() => rm(folder, { recursive: true }));

async function secrets(line: readonly string[], options: RunOptions = {}) {
  const environment = { HOSTLER_ENCRYPTION_KEY: key, ...options.environment };
  const { exitCode, stdout, stderr } = await runIn(folder, ['secrets', ...line], { ...options, environment });
  return { exitCode, stdout: stdout(), stderr: stderr() };
}
const set = (name: string, stdin = value) => secrets(['set', name], { stdin });
const reveal = async (name: string) => (await secrets(['get', name, '--reveal'])).stdout;

describe('set, get, list and rm', () => {
  it('keep a value in the vault of the configuration, encrypted', async () => {
    expect(await set('team/token', `${value}\n`)).toMatchObject({
      exitCode: 0,
      stdout: 'local://team/token is in team.vault, version 1\n',
    });
    expect(await readFile(join(folder, 'team.vault'), 'utf8')).not.toContain(value);
    expect(await reveal('team/token')).toBe(value);
    expect((await set('team/token', 'another-value-77')).stdout).toContain('version 2');
    expect(await reveal('team/token')).toBe('another-value-77');
    expect((await secrets(['rm', 'team/token'])).stdout).toBe('local://team/token is removed from team.vault\n');
    expect((await secrets(['list'])).stderr).toBe('No secrets in team.vault.\n');
  });

  it('show names, versions and times, and a value only when it is asked for', async () => {
    await set('one');
    for (const line of [['get', 'one'], ['list'], ['get', 'one', '--json'], ['list', '--json']]) {
      const { stdout, stderr } = await secrets(line);
      expect(stdout).toMatch(/local:\/\/one/);
      expect(stdout).toMatch(/\d{4}-\d\d-\d\dT/);
      expect(stdout + stderr).not.toContain(value);
    }
  });

  it('reveal a value byte for byte into a pipe, with a line break on a terminal, and as JSON', async () => {
    await set('pem', 'line 1\nline 2\n\n');
    expect(await reveal('pem')).toBe('line 1\nline 2\n');
    expect((await secrets(['get', 'pem', '--reveal'], { columns: 80 })).stdout).toBe('line 1\nline 2\n\n');
    const { stdout } = await secrets(['get', 'pem', '--reveal', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'pem', version: 1, value: 'line 1\nline 2\n' });
  });

  it('take a value that is typed on a terminal', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
    stdin.write(`${value}\r${value}\r`);
    const { exitCode, stdout, stderr } = await secrets(['set', 'one', '--quiet'], { stdin });
    expect([exitCode, stderr]).toEqual([0, 'Value of one: \nValue of one, again: \n']);
    expect(stdout).not.toContain(value);
    expect(await reveal('one')).toBe(value);
  });

  it.each([
    ['get', 'nope'],
    ['get', 'nope', '--reveal'],
    ['rm', 'nope'],
  ])('%s %s %s ends with 5', async (...line) => {
    await set('one');
    const { exitCode, stderr } = await secrets(line);
    expect(stderr).toContain('There is no secret "nope".');
    expect(exitCode).toBe(5);
  });
});

describe('a value on the command line', () => {
  it.each([
    [['set', 'token', value]],
    [['set', `token=${value}`]],
    [['set', 'token', `--value=${value}`]],
    [['rekey', `--new-key=${value}`]],
  ])('is refused without being repeated', async (line) => {
    for (const form of [line, [...line, '--json']]) {
      const { exitCode, stdout, stderr } = await secrets(form);
      expect(exitCode).toBe(2);
      expect(stdout + stderr).not.toContain(value);
    }
  });

  it('is refused with the reason', async () => {
    expect((await secrets(['set', 'token', value])).stderr).toContain('the list of processes shows it');
  });
});

describe('the key', () => {
  it('is never made silently: how to make one is said', async () => {
    const { exitCode, stdout, stderr } = await secrets(['set', 'one'], { stdin: value, environment: NO_KEY });
    expect(stderr).toContain('export HOSTLER_ENCRYPTION_KEY="base64:$(openssl rand -base64 32)"');
    expect([exitCode, stdout]).toEqual([2, '']);
    await expect(readFile(join(folder, 'team.vault'))).rejects.toThrow('ENOENT');
  });

  it('that is wrong changes nothing, and is in no message', async () => {
    await set('one');
    const before = await readFile(join(folder, 'team.vault'));
    const wrong = newKey();
    const { exitCode, stderr } = await secrets(['set', 'one'], {
      stdin: 'x-value-x',
      environment: { HOSTLER_ENCRYPTION_KEY: wrong },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('SECRET_VAULT_KEY_WRONG');
    expect(stderr).not.toContain(wrong.slice(7, 40));
    expect(await readFile(join(folder, 'team.vault'))).toEqual(before);
  });

  it('is looked at before anybody types a value', async () => {
    await set('one');
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
    const environment = { HOSTLER_ENCRYPTION_KEY: newKey() };
    expect((await secrets(['set', 'one'], { stdin, environment })).stderr).not.toContain('Value of');
    expect((await secrets(['set', 'not a name'], { stdin })).stderr).toMatch(/^error The name cannot be used: .*/);
  });

  it('may be in a file that the configuration names', async () => {
    const local = 'servers: {}\nsecrets: { local: { file: team.vault, key: { secret: "file://./vault.key" } } }\n';
    await writeFile(join(folder, 'hostler.yaml'), local);
    await writeFile(join(folder, 'vault.key'), `${newKey()}\n`);
    expect((await secrets(['set', 'one'], { stdin: value, environment: NO_KEY })).exitCode).toBe(0);
    expect((await secrets(['get', 'one', '--reveal'], { environment: NO_KEY })).stdout).toBe(value);
  });
});

/** An empty variable is a missing one. */
const NO_KEY = { HOSTLER_ENCRYPTION_KEY: '' };

describe('the file', () => {
  it('may be named, without a configuration', async () => {
    await rm(join(folder, 'hostler.yaml'));
    const { stdout } = await secrets(['set', 'one', '--file', 'mine.vault'], { stdin: value });
    expect(stdout).toContain('mine.vault');
    expect((await secrets(['get', 'one', '--reveal', '--file', 'mine.vault'])).stdout).toBe(value);
  });

  it.each([
    ['no configuration', undefined, 'There is no configuration in this folder.'],
    ['a configuration without one', 'servers: {}\n', 'hostler.yaml has no local vault.'],
  ])('is asked for where there is %s', async (_what, config, message) => {
    await rm(join(folder, 'hostler.yaml'));
    if (config !== undefined) await writeFile(join(folder, 'hostler.yaml'), config);
    const { exitCode, stderr } = await set('one');
    expect(stderr).toContain(message);
    expect(stderr).toContain('--file FILE');
    expect(exitCode).toBe(2);
  });
});

describe('rekey', () => {
  it.each(['a variable', 'a file'])('encrypts everything with a new key from %s', async (where) => {
    await set('one');
    const next = newKey();
    await writeFile(join(folder, 'next.key'), `${next}\n`);
    const given =
      where === 'a file'
        ? await secrets(['rekey', '--new-key-file', 'next.key'])
        : await secrets(['rekey'], { environment: { HOSTLER_NEW_ENCRYPTION_KEY: next } });
    expect([given.exitCode, given.stdout]).toEqual([
      0,
      expect.stringMatching(/^1 secret of team.vault encrypted with /),
    ]);
    expect(given.stdout + given.stderr).not.toContain(next.slice(7, 40));
    expect((await secrets(['get', 'one'])).stderr).toContain('SECRET_VAULT_KEY_WRONG');
    key = next;
    expect(await reveal('one')).toBe(value);
  });

  it('goes from the old keys of the configuration to its key', async () => {
    await set('one');
    const [old, next] = [key, newKey()];
    const local = `servers: {}\nsecrets: { local: { file: team.vault, oldKeys: [{ secret: "env://OLD_KEY" }] } }\n`;
    await writeFile(join(folder, 'hostler.yaml'), local);
    key = next;
    expect((await secrets(['rekey'], { environment: { OLD_KEY: old } })).exitCode).toBe(0);
    await writeFile(join(folder, 'hostler.yaml'), CONFIG);
    expect(await reveal('one')).toBe(value);
  });

  it('says where it takes a new key from when there is none', async () => {
    await set('one');
    const { exitCode, stderr } = await secrets(['rekey']);
    expect(stderr).toContain('--new-key-file FILE');
    expect(exitCode).toBe(2);
  });
});
