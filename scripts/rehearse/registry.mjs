import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A registry on this machine that holds nothing yet, and gets what it does not have from the usual one. */
export async function startRegistry(folder) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const uplink = run('npm', ['config', 'get', 'registry'], { cwd: root }).trim();
  await writeFile(join(folder, 'verdaccio.yaml'), configuration(uplink));
  const userConfig = join(folder, 'npmrc');
  await writeFile(userConfig, `registry=${url}\n//127.0.0.1:${port}/:_authToken=rehearsal\nfund=false\naudit=false\n`);
  const program = join(dirname(fileURLToPath(import.meta.resolve('verdaccio/package.json'))), 'bin/verdaccio');
  const server = spawn(process.execPath, [program, '-c', join(folder, 'verdaccio.yaml'), '-l', `127.0.0.1:${port}`], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  server.stdout.resume();
  await untilAnswers(url, server);
  const env = { NPM_CONFIG_USERCONFIG: userConfig, npm_config_registry: url, pnpm_config_registry: url };
  return {
    url,
    env,
    /** An empty project with a name. */
    async project(name) {
      const cwd = join(folder, 'projects', name);
      await mkdir(cwd, { recursive: true });
      await writeFile(join(cwd, 'package.json'), '{ "private": true, "type": "module" }\n');
      return cwd;
    },
    install: (cwd, ...packages) => run('npm', ['install', '--registry', url, ...packages], { cwd, env }),
    async stop() {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    },
  };
}

function configuration(uplink) {
  return JSON.stringify({
    storage: './storage',
    auth: { htpasswd: { file: './htpasswd', max_users: -1 } },
    uplinks: { usual: { url: uplink, timeout: '60s' } },
    packages: {
      '@hostler/*': { access: '$all', publish: '$anonymous' },
      '@acme/*': { access: '$all', publish: '$anonymous' },
      '**': { access: '$all', proxy: 'usual' },
    },
    max_body_size: '100mb',
    log: { type: 'stdout', level: 'error' },
  });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function untilAnswers(url, server) {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    if (server.exitCode !== null) throw new Error('the registry ended before it was ready');
    try {
      const response = await fetch(`${url}-/ping`, { signal: AbortSignal.timeout(1_000) });
      if (response.ok) return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error('the registry was not ready within 30 s');
}
