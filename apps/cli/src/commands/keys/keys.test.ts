import { checkKey, createKey, hashKey } from '@hostler/auth';
import { parseConfig } from '@hostler/config/text';
import { describe, expect, it } from 'vitest';
import { runInMemory } from '../../../test/support/run-in-memory.ts';

const DAY = 24 * 3_600_000;

describe('hostler keys create', () => {
  it('prints the key alone on standard output, and the configuration on standard error', async () => {
    const { exitCode, stdout, stderr } = await runInMemory(['keys', 'create', 'ci', '--expires', '90d']);
    const key = stdout();
    expect(checkKey(key)).toBe('ok');
    expect(stderr()).not.toContain(key);
    const yaml = stderr().slice(stderr().indexOf('consumers:'));
    const { plan } = parseConfig(`servers: {}\n${yaml}`, '/hostler.yaml');
    const [consumer] = plan.consumers ?? [];
    expect(consumer).toMatchObject({ name: 'ci', keys: [{ hash: hashKey(key) }] });
    const days = ((consumer?.keys[0]?.expires ?? 0) - Date.now()) / DAY;
    expect(days).toBeGreaterThan(89.9);
    expect(days).toBeLessThan(90.1);
    expect(exitCode).toBe(0);
  });

  it('ends the line on a terminal, and prints the hash also when it is quiet', async () => {
    const { stdout, stderr } = await runInMemory(['keys', 'create', '-q'], { columns: 80 });
    expect(stdout()).toMatch(/^hk_\w+\n$/);
    expect(stderr()).toBe(`- hash: ${hashKey(stdout().trim())}\n`);
  });

  it('makes another one every time, as JSON when asked', async () => {
    const made = await Promise.all([1, 2].map(() => runInMemory(['keys', 'create', 'ci', '--json'])));
    const [one, other] = made.map(({ stdout }) => JSON.parse(stdout()) as { key: string; hash: string });
    expect(one).toEqual({ consumer: 'ci', key: one?.key, hash: hashKey(one?.key ?? '') });
    expect(one?.key).not.toBe(other?.key);
    expect(made[0]?.stderr()).toBe('');
  });

  it('quotes what YAML would take for something else', async () => {
    const { exitCode, stderr } = await runInMemory(['keys', 'create', '007']);
    expect(stderr()).toContain("  '007':\n");
    expect(exitCode).toBe(0);
  });

  it.each([
    ['a reserved name', ['hostler'], 'reserved'],
    ['a name that no consumer can have', ['a b'], 'a consumer name has 1 to 32'],
    ['a name with another line in it', ['a: {}\n  b'], 'a consumer name has 1 to 32'],
    ['a time that is over', ['ci', '--expires', '2020-01-01'], '2020-01-01 is over'],
  ])('refuses %s, and makes no key', async (_what, line, message) => {
    const { exitCode, stdout, stderr } = await runInMemory(['keys', 'create', ...line]);
    expect(stderr()).toContain(message);
    expect(stdout()).toBe('');
    expect(exitCode).toBe(2);
  });
});

describe('hostler keys verify', () => {
  const good = createKey();
  const expired = createKey();
  const consumers = {
    ci: { keys: [{ hash: good.hash, expires: '2999-01-01' }] },
    web: { keys: [{ hash: expired.hash, expires: '2020-01-01' }] },
  };
  const files = { 'hostler.json': JSON.stringify({ servers: {}, consumers }) };

  it('tells whose it is, and until when', async () => {
    const { exitCode, stdout } = await runInMemory(['keys', 'verify'], { files, stdin: `${good.key}\n` });
    expect(stdout()).toBe('It is a key of ci, good until 2999-01-01T00:00:00.000Z.\n');
    expect(exitCode).toBe(0);
  });

  it.each([
    ['has expired', expired.key, 4, { ok: false, form: 'ok', consumer: 'web', expired: true }],
    ['is of nobody', createKey().key, 5, { ok: false, form: 'ok' }],
    [
      'is mistyped',
      `${good.key.slice(0, -1)}${good.key.endsWith('0') ? '1' : '0'}`,
      2,
      { ok: false, form: 'checksum' },
    ],
    ['is none', 'secret', 2, { ok: false, form: 'format' }],
  ])('says that one %s, and never repeats it', async (_what, stdin, code, report) => {
    const asked = await runInMemory(['keys', 'verify', '--json'], { files, stdin });
    expect(JSON.parse(asked.stdout())).toMatchObject(report);
    expect(asked.exitCode).toBe(code);
    const told = await runInMemory(['keys', 'verify'], { files, stdin });
    expect(told.stdout()).not.toBe('');
    expect(told.exitCode).toBe(code);
    for (const { stdout, stderr } of [asked, told]) expect(stdout() + stderr()).not.toContain(stdin);
  });

  it('takes no key from the command line, and does not repeat it', async () => {
    const { exitCode, stdout, stderr } = await runInMemory(['keys', 'verify', good.key], { files });
    expect(stderr()).toContain('the list of processes shows it');
    expect(stdout() + stderr()).not.toContain(good.key);
    expect(exitCode).toBe(2);
  });
});
