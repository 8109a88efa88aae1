#!/usr/bin/env node
// `pnpm containers`: builds every image and tests it in containers. Takes the Docker engine that answers, else starts one
// of its own (scripts/container-lab.sh: root on a Debian), which it stops again. Without either it says so and exits 0.
//
//   --only NAME   the test files whose names contain it, such as "compose"
//   --no-build    with the images as they are
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const lab = fileURLToPath(new URL('container-lab.sh', import.meta.url));
const BUILD_LIMIT = 20 * 60_000;
const LAB_LIMIT = 15 * 60_000;
const TEST_LIMIT = 25 * 60_000;

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [] }, 'no-build': { type: 'boolean', default: false } },
});
const environment = { ...process.env };
process.exitCode = main();

function main() {
  const labDirectory = process.env.LAB_DIR ?? join(tmpdir(), 'hostler-container-lab');
  let isOwn = false;
  if (!hasEngine()) {
    const obstacle = labObstacle();
    if (obstacle !== undefined) {
      console.log(
        `containers: skipped: no Docker engine with buildx and compose answers, and none is started: ${obstacle}`,
      );
      return 0;
    }
    const wasThere = existsSync(labDirectory);
    environment.LAB_DIR = labDirectory;
    isOwn = true;
    if (!timed('engine', () => run('bash', [lab, 'up'], LAB_LIMIT)) || !enterLab()) return end(1, { isOwn, wasThere });
    return end(buildAndTest(), { isOwn, wasThere });
  }
  return end(buildAndTest(), { isOwn });
}

/** What the build trusts is a secret of it: with these words in it, the tests see whether it stays out of the images. */
function plantCanary(folder) {
  const system = '/etc/ssl/certs/ca-certificates.crt';
  const given = environment.CA_FILE || (existsSync(system) ? system : undefined);
  if (given === undefined) return;
  environment.CA_FILE = join(folder, 'authorities.pem');
  writeFileSync(environment.CA_FILE, `# hostler-build-secret-canary\n${readFileSync(given, 'utf8')}`);
}

function buildAndTest() {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-containers-'));
  try {
    plantCanary(folder);
    return buildAndTestWithCanary();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function buildAndTestWithCanary() {
  environment.TAG ??= 'dev';
  const platforms = platformsOf();
  if (platforms.includes(',')) environment.PLATFORMS ??= platforms;
  else console.log('containers: this engine keeps images of its own platform only: the other one is left out');
  if (!values['no-build'] && !timed(`images for ${platforms}`, () => bake('all'))) return 1;
  const isGood = timed('tests', () =>
    run('node', ['node_modules/vitest/vitest.mjs', 'run', '--project', 'containers', ...values.only], TEST_LIMIT),
  );
  return isGood ? 0 : 1;
}

function bake(group) {
  return run('node', ['scripts/docker-bake.mjs', group, '--progress=plain'], BUILD_LIMIT, 'quiet');
}

/** An engine with containerd's store keeps images of several platforms side by side. */
function platformsOf() {
  const { stdout } = spawnSync('docker', ['info', '--format', '{{.DriverStatus}} {{.Architecture}}'], {
    env: environment,
    encoding: 'utf8',
  });
  if (stdout.includes('io.containerd.snapshotter')) return 'linux/amd64,linux/arm64';
  return stdout.trim().endsWith('aarch64') ? 'linux/arm64' : 'linux/amd64';
}

function hasEngine() {
  return [['version'], ['buildx', 'version'], ['compose', 'version']].every(
    (words) => spawnSync('docker', words, { env: environment, stdio: 'ignore', timeout: 20_000 }).status === 0,
  );
}

function labObstacle() {
  if (process.platform !== 'linux') return 'this is no Linux';
  if (process.getuid() !== 0) return 'that takes root';
  if (spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return 'that takes apt';
  return undefined;
}

function enterLab() {
  const { status, stdout } = spawnSync('bash', [lab, 'env', '--plain'], { env: environment, encoding: 'utf8' });
  if (status !== 0) return false;
  for (const line of stdout.trim().split('\n')) {
    const [name, ...rest] = line.split('=');
    const value = rest.join('=');
    environment[name] = name === 'PATH' ? `${value}${delimiter}${environment.PATH}` : value;
  }
  return true;
}

function end(exitCode, { isOwn, wasThere = true }) {
  if (isOwn) {
    run('bash', [lab, wasThere ? 'down' : 'purge'], LAB_LIMIT);
    if (!wasThere) rmSync(environment.LAB_DIR, { recursive: true, force: true });
  }
  return exitCode;
}

function timed(what, work) {
  const started = performance.now();
  const isGood = work();
  console.log(
    `containers: ${what}: ${isGood ? 'done' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
  return isGood;
}

/** `quiet`: what it printed is shown only when it fails. */
function run(command, words, timeout, loudness) {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd: root,
    env: environment,
    timeout,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: loudness === 'quiet' ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0 && loudness === 'quiet') console.error(`${stdout}\n${stderr}`.split('\n').slice(-80).join('\n'));
  return status === 0;
}
