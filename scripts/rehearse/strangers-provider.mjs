import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../packages/public-packages.ts';
import { run } from './run.mjs';

const NAME = '@acme/hostler-secrets-vault';

/** The package of examples/05-vault-provider: tested and published outside of the workspace, installed and used. */
export async function useStrangersProvider(registry, { '@hostler/cli': cwd }) {
  const source = await registry.project('vault-provider');
  await cp(join(root, 'examples/05-vault-provider'), source, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
  registry.install(source);
  console.log(run('npm', ['test'], { cwd: source, env: registry.env }).trim().split('\n').slice(-5).join('\n'));
  run('npm', ['publish', '--registry', registry.url], { cwd: source, env: registry.env });

  registry.install(cwd, NAME, '@modelcontextprotocol/server-everything');
  const { startFakeVault } = await import(pathToFileURL(join(source, 'fake-vault.js')).href);
  const token = randomUUID();
  const password = randomUUID();
  const vault = await startFakeVault({ token, secrets: { warehouse: { password } } });
  try {
    await writeFile(join(cwd, 'hostler.yaml'), configuration(vault.address));
    const checked = await hostler(['secrets', 'check', '--json'], { cwd, token });
    if (checked.status !== 0) throw new Error(`hostler secrets check failed:\n${checked.output}`);
    const called = await hostler(['call', 'everything__get-env'], { cwd, token });
    if (called.status !== 0 || !called.output.includes('DB_PASSWORD'))
      throw new Error(`the server has no DB_PASSWORD:\n${called.output}`);
    // The server prints its whole environment: what it was given does not come back.
    if (`${checked.output}${called.output}`.includes(password)) throw new Error('the secret was shown');
    console.log('vault://warehouse#password was resolved and given to server-everything, which cannot hand it back');
  } finally {
    await vault.close();
  }
}

function configuration(address) {
  return `secrets:
  providers:
    - use: '${NAME}'
      with: { address: '${address}', token: { secret: 'env://VAULT_TOKEN' } }
servers:
  everything:
    command: npx
    args: [--no-install, mcp-server-everything]
    env:
      DB_PASSWORD: { secret: 'vault://warehouse#password' }
`;
}

/** Not synchronous: the stand-in for the vault answers from this process. */
async function hostler(args, { cwd, token }) {
  const child = spawn('npx', ['--no-install', 'hostler', ...args], {
    cwd,
    env: { ...process.env, VAULT_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 180_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const { promise, resolve } = Promise.withResolvers();
  child.once('close', (status) => resolve({ status, output }));
  return promise;
}
