import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chaosServer, startProcess, temporaryDirectory } from '@hostler/test-kit';
import type { RunningProcess, TemporaryDirectory } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runIn } from './support/run-in-memory.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const { command, args } = chaosServer();
let folder: TemporaryDirectory;
let host: RunningProcess;
let url: string;

beforeAll(async () => {
  folder = await temporaryDirectory();
  const config = {
    servers: { one: { command, args } },
    listen: { port: 0 },
    api: { servers: { enabled: true, commands: [command], env: ['*'] } },
  };
  await writeFile(join(folder.path, 'hostler.json'), JSON.stringify(config, undefined, 2));
  host = await startProcess(process.execPath, ['--conditions=@hostler/source', main, 'run', '--json'], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  const ready = JSON.parse(await host.stdout.take(() => true, 50_000)) as { port: number };
  url = `http://127.0.0.1:${ready.port}`;
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function hostler(...line: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await runIn(folder.path, ['servers', ...line, '--url', url]);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

describe('hostler servers', () => {
  it('does everything to a running host that REST does', async () => {
    expect((await hostler('list')).stdout).toMatch(/^one +up +file$/m);
    const add = ['add', 'n', '--env', 'A=b'];
    const added = await runIn(folder.path, ['servers', ...add, '--url', url, '--', command, ...args]);
    expect([added.exitCode, added.stdout()]).toEqual([0, 'n is up\n']);
    expect((await hostler('show', 'n')).stdout).toContain('"A": "[set]"');
    expect(JSON.parse((await hostler('drift', '--json')).stdout)).toMatchObject({ added: ['n'] });
    expect(await hostler('disable', 'n')).toMatchObject({ exitCode: 0, stdout: 'n is disabled\n' });
    expect(await hostler('enable', 'n')).toMatchObject({ exitCode: 0, stdout: 'n is up\n' });
    expect(await hostler('restart', 'n')).toMatchObject({ exitCode: 0, stdout: 'n is up\n' });
    const settings = JSON.stringify({ command, args, timeout: '5s' });
    expect(await hostler('update', 'n', '--settings', settings)).toMatchObject({ exitCode: 0 });
    expect((await hostler('test', '--settings', settings)).stdout).toMatch(/^up after \d+ ms, legacy, tools: .*echo/);
    expect((await hostler('save')).stdout).toContain('added: n\nsaved to ');
    expect(await readFile(join(folder.path, 'hostler.json'), 'utf8')).toContain('"timeout": "5s"');
    expect(await hostler('remove', 'n')).toMatchObject({ exitCode: 0, stdout: 'n is removed\n' });
    expect(await hostler('drift')).toMatchObject({ exitCode: 0, stdout: 'removed: n\n' });
  });

  it('says what the host refuses, with the place and the mend', async () => {
    const refused = await hostler('add', 'bad', 'sh');
    expect(refused).toMatchObject({ exitCode: 4 });
    expect(refused.stderr).toContain(
      '/command: this program is not allowed (api.servers.commands names those that are)',
    );
    const invalid = await hostler('add', 'bad', '--settings', JSON.stringify({ command, timeout: 30 }));
    expect(invalid.stderr).toContain('/timeout: expected a duration');
    expect(await hostler('show', 'none')).toMatchObject({ exitCode: 5 });
    expect((await hostler('show', 'none')).stderr).toContain('There is no server "none".');
  });

  it('tells that nobody answers, and what to do', async () => {
    const { exitCode, stderr } = await runIn(folder.path, ['servers', '--url', 'http://127.0.0.1:1']);
    expect(exitCode).toBe(3);
    expect(stderr()).toContain('hostler run');
    expect((await runIn(folder.path, ['servers'])).stderr()).toContain('--url');
  });
});

describe('SIGHUP', () => {
  it('reads the configuration again where there is no terminal, and a bad file changes nothing', async () => {
    const file = join(folder.path, 'hostler.json');
    const text = await readFile(file, 'utf8');
    const ready = async (): Promise<{ configuration: object }> =>
      (await fetch(`${url}/readyz`)).json() as Promise<{ configuration: object }>;
    const { configuration } = await ready();
    const { generation } = configuration as { generation: number };
    await writeFile(file, text.slice(0, 30));
    process.kill(host.pid, 'SIGHUP');
    const state = async (): Promise<object> => (await ready()).configuration;
    const problem = expect.any(String) as string;
    await expect.poll(state, { timeout: 15_000 }).toEqual({ generation, problem });
    await writeFile(file, text);
    process.kill(host.pid, 'SIGHUP');
    await expect.poll(state, { timeout: 15_000 }).toEqual({ generation: generation + 1 });
  });
});

describe('hostler log', () => {
  const log = async (...line: string[]): Promise<{ exitCode: number; text: string }> => {
    const { exitCode, stdout, stderr } = await runIn(folder.path, ['log', ...line, '--url', url]);
    return { exitCode, text: stdout() + stderr() };
  };

  it('shows and changes what the running host writes', async () => {
    expect(await log()).toEqual({ exitCode: 0, text: 'info\n' });
    expect(await log('warn', 'upstream=debug', 'api=debug')).toEqual({
      exitCode: 0,
      text: 'warn\nupstream=debug\napi=debug\n',
    });
    expect(await log('api=')).toEqual({ exitCode: 0, text: 'warn\nupstream=debug\n' });
    expect(JSON.parse((await log('--json')).text)).toEqual({ level: 'warn', modules: { upstream: 'debug' } });
  });

  it.each([
    ['loud', '"loud" is no level: debug, info, warn, error'],
    ['nothing=debug', '"nothing" is no part of the host: api, audit,'],
    ['api=loud', '"loud" is no level'],
  ])('refuses %s', async (setting, problem) => {
    const refused = await log(setting);
    expect(refused.exitCode).toBe(2);
    expect(refused.text).toContain(problem);
  });
});
