import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chaosServer, startProcess, temporaryDirectory } from '@hostler/test-kit';
import type { RunningProcess, TemporaryDirectory } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runIn } from './support/run-in-memory.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const key = `base64:${randomBytes(32).toString('base64')}`;
const first = `first-${randomBytes(8).toString('hex')}`;
const environment = { PATH: process.env['PATH'] ?? '', HOSTLER_ENCRYPTION_KEY: key, UNUSED_TOKEN: first };

let folder: TemporaryDirectory;
let host: RunningProcess;
let url: string;

beforeAll(async () => {
  folder = await temporaryDirectory();
  await writeFile(join(folder.path, 'token'), first);
  const env = { TOKEN: { secret: 'file://./token' }, KEPT: { secret: 'local://kept' } };
  const config = {
    servers: { one: { ...chaosServer(), env } },
    secrets: { local: {} },
    listen: { port: 0 },
    api: { secrets: { enabled: true } },
  };
  await writeFile(join(folder.path, 'hostler.json'), JSON.stringify(config));
  await runIn(folder.path, ['secrets', 'set', 'kept'], { environment, stdin: `kept-${first}` });
  const flags = ['--conditions=@hostler/source', '--report-on-signal', `--report-directory=${folder.path}`];
  host = await startProcess(process.execPath, [...flags, '--report-filename=report.json', main, 'run', '--json'], {
    cwd: folder.path,
    env: environment,
  });
  const ready = JSON.parse(await host.stdout.take(() => true, 50_000)) as { port: number };
  url = `http://127.0.0.1:${ready.port}`;
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function secrets(...line: string[]) {
  const { exitCode, stdout, stderr } = await runIn(folder.path, ['secrets', ...line], { environment });
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

describe('hostler secrets', () => {
  it('rotate gives a changed value to the servers of a running host', async () => {
    expect(await secrets('rotate', '--url', url)).toMatchObject({ exitCode: 0, stdout: 'No secret has changed.\n' });
    await writeFile(join(folder.path, 'token'), `second-${first}`);
    expect(await secrets('rotate', 'file://./token', '--url', url)).toMatchObject({
      exitCode: 0,
      stdout: 'changed file://./token\none was started anew with the new value\n',
    });
  });

  it('rotate says what cannot be read, and ends with 3', async () => {
    await writeFile(join(folder.path, 'token'), '');
    const { exitCode, stdout } = await secrets('rotate', '--url', url);
    expect(stdout).toMatch(/^failed file:\/\/\.\/token: .+ \(SECRET_\w+\)$/m);
    expect(exitCode).toBe(3);
    await writeFile(join(folder.path, 'token'), `third-${first}`);
  });

  it('rotate refuses what the host does not use', async () => {
    const { exitCode, stderr } = await secrets('rotate', 'env://UNUSED_TOKEN', '--url', url);
    expect(stderr).toContain('uses no such secret');
    expect(exitCode).toBe(4);
  });

  it('a diagnostic report of the host holds no environment', async () => {
    process.kill(host.pid, 'SIGUSR2');
    await host.stderr.take((line) => line.includes('report completed'), 20_000);
    const report = await readFile(join(folder.path, 'report.json'), 'utf8');
    expect(report).toContain('"javascriptHeap"');
    for (const value of [key.slice(7), first]) expect(report).not.toContain(value);
  });
});

describe('without a running host', () => {
  it('secrets check resolves everything, shows no value and starts no server', async () => {
    await using own = await temporaryDirectory();
    const env = { A: { secret: 'env://UNUSED_TOKEN' }, B: { secret: 'env://NOT_SET' }, C: { secret: 'local://kept' } };
    const local = { file: join(folder.path, 'hostler.vault') };
    const servers = { one: { command: process.execPath, args: ['-e', 'process.abort()'], env } };
    await writeFile(join(own.path, 'hostler.json'), JSON.stringify({ servers, secrets: { local } }));
    const { exitCode, stdout, stderr } = await runProcess(own.path, ['secrets', 'check']);
    expect(stdout).toMatch(/^env:\/\/UNUSED_TOKEN +env +\S+ +now +servers\.one\.env\.A$/m);
    expect(stdout).toMatch(/^local:\/\/kept +local +1 +now +servers\.one\.env\.C$/m);
    expect(stdout).toContain('✗ secret env://NOT_SET: Secret env://NOT_SET does not exist. (SECRET_NOT_FOUND)');
    expect(stdout).toContain('Set the variable NOT_SET');
    expect(stdout + stderr).not.toContain(first);
    expect(exitCode).toBe(3);
  });

  it('secrets check waits until a provider that fails was asked often enough', async () => {
    await using own = await temporaryDirectory();
    const secretsPackage = new URL('../../../packages/secrets/src/index.ts', import.meta.url).href;
    await writeFile(
      join(own.path, 'provider.mjs'),
      `import { defineSecretProvider } from ${JSON.stringify(secretsPackage)};
       export const own = defineSecretProvider({ scheme: 'own', create: () => ({
         read: () => Promise.reject(new Error('refused')),
       }) });`,
    );
    const servers = { one: { command: process.execPath, env: { A: { secret: 'own://a' } } } };
    const providers = [{ use: './provider.mjs' }];
    await writeFile(join(own.path, 'hostler.json'), JSON.stringify({ servers, secrets: { providers } }));
    const { exitCode, stdout } = await runProcess(own.path, ['secrets', 'check']);
    expect(stdout).toContain('SECRET_UNAVAILABLE');
    expect(exitCode).toBe(3);
  });

  it('what a server said before it died holds no secret', async () => {
    await using own = await temporaryDirectory();
    const script = 'console.error("refused: " + process.env.A); process.exit(1)';
    const servers = {
      one: { command: process.execPath, args: ['-e', script], env: { A: { secret: 'env://UNUSED_TOKEN' } } },
    };
    await writeFile(join(own.path, 'hostler.json'), JSON.stringify({ servers }));
    for (const line of [['doctor'], ['doctor', '--json'], ['call', 'one__x', '--log-level', 'debug']]) {
      const { stdout, stderr } = await runProcess(own.path, line);
      expect(stdout + stderr).toContain('refused: [secret]');
      expect(stdout + stderr).not.toContain(first);
    }
  });
});

async function runProcess(cwd: string, line: readonly string[]) {
  const parameters = ['--conditions=@hostler/source', main, ...line];
  await using child = await startProcess(process.execPath, parameters, { cwd, env: environment });
  child.closeStdin();
  const { code } = await child.exited;
  await Promise.all([child.stdout.ended, child.stderr.ended]);
  return { exitCode: code, stdout: child.stdout.text(), stderr: child.stderr.text() };
}
