import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changingServer, temporaryDirectory } from '@hostler/test-kit';
import type { TemporaryDirectory } from '@hostler/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runIn } from './support/run-in-memory.ts';

const FIND = { name: 'find', description: 'Finds.', inputSchema: { type: 'object' } };
let folder: TemporaryDirectory;

async function offer(content: object): Promise<void> {
  await writeFile(join(folder.path, 'new.json'), JSON.stringify(content));
  await rename(join(folder.path, 'new.json'), join(folder.path, 'content.json'));
}

async function configure(more: object): Promise<void> {
  const servers = { changing: changingServer(join(folder.path, 'content.json')) };
  await writeFile(join(folder.path, 'hostler.json'), JSON.stringify({ servers, ...more }));
}

beforeEach(async () => {
  folder = await temporaryDirectory();
  await offer({ instructions: 'Use find.', tools: [FIND] });
  await configure({ lock: { file: 'hostler.lock' } });
});
afterEach(() => folder[Symbol.asyncDispose]());

async function hostler(...line: string[]) {
  const environment = { HOME: folder.path };
  const { exitCode, stdout, stderr } = await runIn(folder.path, line, { isReal: true, environment });
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

const lockfile = (): Promise<string> => readFile(join(folder.path, 'hostler.lock'), 'utf8');

describe('hostler lock', () => {
  it('writes the first lockfile, shows what has changed since, and approves it', async () => {
    const before = await hostler('lock', 'diff');
    expect([before.exitCode, before.stderr]).toEqual([1, expect.stringContaining('hostler lock init writes it')]);
    expect((await hostler('lock', 'init')).exitCode).toBe(0);
    const first = await lockfile();
    expect(JSON.parse(first)).toMatchObject({ version: 1, servers: { changing: { instructions: 'Use find.' } } });
    expect(await hostler('lock', 'diff')).toMatchObject({ exitCode: 0, stdout: '' });
    expect((await hostler('lock', 'init')).exitCode).toBe(2);

    const description = 'Finds all.\u202e';
    await offer({
      instructions: 'Use find.',
      tools: [
        { ...FIND, description },
        { name: 'extra', inputSchema: {} },
      ],
    });
    const { exitCode, stdout } = await hostler('lock', 'diff');
    expect(exitCode).toBe(1);
    expect(stdout.split('\n')).toEqual([
      'changing',
      '  ~ tool find: wording',
      '      description:',
      '      - Finds.',
      String.raw`      + Finds all.\u202e`,
      '  + tool extra is new',
      '',
    ]);
    const { drift } = JSON.parse((await hostler('lock', 'diff', '--json')).stdout) as { drift: object[] };
    expect(drift).toEqual([
      expect.objectContaining({ grade: 'wording', server: 'changing', kind: 'tool', key: 'find' }),
      expect.objectContaining({ grade: 'new', key: 'extra' }),
    ]);
    const doctor = await hostler('doctor');
    expect(doctor.stdout).toContain(
      'lock of changing: it is not as it was approved: wording of "find", new of "extra"',
    );

    const one = await hostler('lock', 'approve', 'changing/extra');
    expect([one.exitCode, one.stdout]).toEqual([0, 'changing\n  + tool extra is new\n']);
    expect((await hostler('lock', 'diff')).stdout).not.toContain('extra');
    expect((await hostler('lock', 'approve', 'changing')).exitCode).toBe(0);
    expect((await hostler('lock', 'diff')).exitCode).toBe(0);
  }, 180_000);

  it('says what is missing', async () => {
    expect(await hostler('lock', 'approve')).toMatchObject({ exitCode: 2 });
    expect(await hostler('lock', 'approve', 'changing/nothing')).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining('changing/nothing') as string,
    });
    await writeFile(join(folder.path, 'hostler.lock'), '<<<<<<< HEAD');
    const broken = await hostler('lock', 'diff');
    expect([broken.exitCode, broken.stderr]).toEqual([2, expect.stringContaining('it is no valid JSON')]);
    await configure({});
    const off = await hostler('lock', 'diff');
    expect([off.exitCode, off.stderr]).toEqual([2, expect.stringContaining('names no lockfile')]);
  }, 120_000);
});
