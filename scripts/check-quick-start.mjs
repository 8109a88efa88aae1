#!/usr/bin/env node
// Does what a newcomer does: clones the repository, runs `npm start` with empty caches and without pnpm, and uses the
// servers with the official Inspector, in both eras. Fails when it takes longer than 90 seconds until they answer.
// Prints what it saw. The Inspector is the one that the tests depend on.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const inspector = join(root, 'tests/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
const allowed = 90_000;
const directory = mkdtempSync(join(tmpdir(), 'hostler-newcomer-'));
const clone = join(directory, 'hostler');

/** A machine that has Node and npm, but neither pnpm nor anything in a cache. */
const environment = {
  ...process.env,
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !entry.includes('node_modules'))
    .join(delimiter),
  npm_config_cache: join(directory, 'npm-cache'),
  XDG_DATA_HOME: join(directory, 'data'),
  XDG_CACHE_HOME: join(directory, 'cache'),
};
delete environment.PORT;
for (const key of Object.keys(environment)) if (/^npm_(lifecycle|package)_/.test(key)) delete environment[key];

/** One call for each server of the example, and a word that its answer must hold. */
const calls = [
  ['everything__echo', 'message=hello', 'hello'],
  ['files__list_allowed_directories', undefined, 'files'],
  ['memory__read_graph', undefined, 'entities'],
];

function inspect(url, era, ...rest) {
  const result = spawnSync(
    process.execPath,
    [inspector, '--cli', url, '--protocol-era', era, '-q', '--format', 'json', ...rest],
    { encoding: 'utf8', timeout: 60_000 },
  );
  if (result.status !== 0)
    throw new Error(
      `Inspector, ${era} era, ${rest.join(' ')}: exit ${result.status}\n${result.stdout}${result.stderr}`,
    );
  return result.stdout;
}

function useEverything(url) {
  for (const era of ['legacy', 'modern']) {
    const list = inspect(url, era, '--method', 'tools/list');
    for (const [tool, argument, word] of calls) {
      if (!list.includes(`"${tool}"`)) throw new Error(`${tool} is not listed in the ${era} era`);
      const answer = inspect(
        url,
        era,
        '--method',
        'tools/call',
        '--tool-name',
        tool,
        ...(argument ? ['--tool-arg', argument] : []),
      );
      if (!answer.includes(word)) throw new Error(`${tool}, ${era} era, answered:\n${answer}`);
      console.log(`${era}: ${tool} answers`);
    }
  }
}

/** Ten seconds at most. */
async function untilGroupIsEmpty(group) {
  for (let tries = 0; tries < 100; tries++) {
    try {
      process.kill(-group, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('processes were left behind');
}

const started = Date.now();
spawnSync('git', ['clone', '--quiet', root, clone], { stdio: 'inherit' });
const host = spawn('npm', ['start', '--', '--port', '0', '--json'], {
  cwd: clone,
  env: environment,
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
const group = Number(host.pid);
const exited = new Promise((resolve) => host.once('exit', resolve));
let failed = true;
try {
  const url = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready after ${allowed / 1000} s`)), allowed);
    host.once('exit', (code) => reject(new Error(`npm start ended with ${code}`)));
    createInterface({ input: host.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      clearTimeout(timer);
      resolve(JSON.parse(line).url);
    });
  });
  console.log(`ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  useEverything(url);
  // What a terminal does on Ctrl-C: the signal goes to everything that was started.
  process.kill(-group, 'SIGINT');
  await exited;
  await untilGroupIsEmpty(group);
  console.log('Ctrl-C stopped everything');
  failed = false;
} catch (error) {
  console.error(error.message);
} finally {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nothing is left to end.
  }
  rmSync(directory, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
