import { join } from 'node:path';
import { run } from './run.mjs';

/** What `hostler new secret-provider` writes installs and passes its own tests. */
export function installScaffold(registry, { '@hostler/cli': cwd }) {
  run('npx', ['--no-install', 'hostler', 'new', 'secret-provider', 'acme'], { cwd });
  const folder = join(cwd, 'hostler-secrets-acme');
  registry.install(folder);
  console.log(run('npm', ['test'], { cwd: folder, env: registry.env }).trim().split('\n').slice(-5).join('\n'));
}
