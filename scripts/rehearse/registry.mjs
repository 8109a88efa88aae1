import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A private registry on this machine, which holds nothing yet and gets what is not its own from the usual one. Who reads or
 * writes a package of its own shows a token, which `.npmrc` takes from the environment.
 */
export async function startRegistry(folder) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const uplink = run('npm', ['config', 'get', 'registry'], { cwd: root }).trim();
  await writeFile(join(folder, 'verdaccio.yaml'), configuration(uplink));
  const userConfig = join(folder, 'npmrc');
  await writeFile(userConfig, npmrc(url));
  const program = join(dirname(fileURLToPath(import.meta.resolve('verdaccio/package.json'))), 'bin/verdaccio');
  const server = spawn(process.execPath, [program, '-c', join(folder, 'verdaccio.yaml'), '-l', `127.0.0.1:${port}`], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    // The usual registry may be one that only the system's store of certificates vouches for.
    env: { ...process.env, NODE_USE_SYSTEM_CA: '1' },
  });
  server.stdout.resume();
  await untilAnswers(url, server);
  const token = await createUser(url);
  const env = {
    NPM_CONFIG_USERCONFIG: userConfig,
    npm_config_registry: url,
    pnpm_config_registry: url,
    REGISTRY_TOKEN: token,
    // What it says of a package is good for this rehearsal alone.
    npm_config_cache: join(folder, 'npm-cache'),
  };
  const install = ['install', '--registry', url];
  return {
    folder,
    url,
    token,
    env,
    /** An empty project with a name. */
    async project(name) {
      const cwd = join(folder, 'projects', name);
      await mkdir(cwd, { recursive: true });
      await writeFile(join(cwd, 'package.json'), '{ "private": true, "type": "module" }\n');
      return cwd;
    },
    install: (cwd, ...packages) => run('npm', [...install, '--prefer-offline', ...packages], { cwd, env }),
    /** The same, when packages may have been published since they were looked at. */
    installNewest: (cwd, ...packages) => run('npm', [...install, '--prefer-online', ...packages], { cwd, env }),
    async stop() {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    },
  };
}

function npmrc(url) {
  return [
    `registry=${url}`,
    `@hostler:registry=${url}`,
    `${url.slice('http:'.length)}:_authToken=\${REGISTRY_TOKEN}`,
    'fund=false',
    'audit=false',
    '',
  ].join('\n');
}

/** The only one that it takes. @returns a token */
async function createUser(url) {
  const name = 'rehearsal';
  const response = await fetch(`${url}-/user/org.couchdb.user:${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ name, password: randomUUID() }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`the registry has no user: ${response.status} ${await response.text()}`);
  return (await response.json()).token;
}

function configuration(uplink) {
  const own = { access: '$authenticated', publish: '$authenticated' };
  return JSON.stringify({
    storage: './storage',
    // Its other kind of token is a password, which would be hashed anew for each of thousands of requests.
    security: { api: { legacy: false, jwt: { sign: { expiresIn: '1h' } } } },
    auth: { htpasswd: { file: './htpasswd', max_users: 1 } },
    uplinks: { usual: { url: uplink, timeout: '60s' } },
    packages: {
      '@hostler/*': own,
      '@acme/*': own,
      '**': { access: '$all', proxy: 'usual' },
    },
    max_body_size: '100mb',
    log: { type: 'stdout', level: 'error' },
  });
}

/** @returns one that nobody listens on at the moment */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function untilAnswers(url, server) {
  const deadline = performance.now() + 90_000;
  while (performance.now() < deadline) {
    if (server.exitCode !== null) throw new Error('the registry ended before it was ready');
    try {
      const response = await fetch(`${url}-/ping`, { signal: AbortSignal.timeout(1_000) });
      if (response.ok) return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error('the registry was not ready within 90 s');
}
