import { publicPackages } from '../packages/public-packages.ts';
import { run } from './run.mjs';

/** Publishes every package of a workspace whose version is not there yet. @returns `name@version` of those that were not */
export async function publishAll(
  { url, token, env },
  workspace,
  command = ['--recursive', 'publish', '--no-git-checks'],
) {
  const before = await Promise.all(
    publicPackages(workspace).map(({ manifest }) => latest({ url, token }, manifest.name)),
  );
  run('pnpm', command, { cwd: workspace, env });
  const published = [];
  for (const [index, { manifest }] of publicPackages(workspace).entries()) {
    const { name, version } = manifest;
    // oxlint-disable-next-line no-await-in-loop -- a few small answers of a registry on this machine
    if ((await latest({ url, token }, name)) !== version) throw new Error(`${name}@${version} was not published`);
    if (before[index] === version) continue;
    published.push(`${name}@${version}`);
    console.log(published.at(-1));
  }
  return published;
}

async function latest({ url, token }, name) {
  const response = await fetch(`${url}${name.replace('/', '%2f')}`, {
    signal: AbortSignal.timeout(10_000),
    // Commands run to their end in between, for longer than the registry keeps a connection.
    headers: { authorization: `Bearer ${token}`, connection: 'close' },
  });
  return response.ok ? (await response.json())['dist-tags'].latest : undefined;
}
