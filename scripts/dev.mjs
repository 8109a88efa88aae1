#!/usr/bin/env node
// Entry of `npm start`, `npm test` and `npm run hostler`. Needs nothing but Node >= 18 and npm: when the machine's own Node
// or pnpm is too old or absent, pinned copies are put into .tools/ (from the npm registry only), then the task runs under
// them.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpmVersion = /^pnpm@([^+]+)/.exec(manifest.packageManager)[1];
const oldestNodeMajor = Number(/\d+/.exec(manifest.engines.node)[0]);
const windows = process.platform === 'win32';
const ancestors = readAncestors();
const environment = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
const pathKey = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';

function run(command, commandArguments, options = {}) {
  return spawnSync(command, commandArguments, {
    cwd: root,
    env: environment,
    // Standard output belongs to the task alone: it may be JSON.
    stdio: ['inherit', 2, 2],
    shell: windows,
    ...options,
  });
}

function runOrExit(command, commandArguments) {
  const { status } = run(command, commandArguments);
  if (status !== 0) process.exit(status ?? 1);
}

/** Whose work this is: the shell that npm started and, where the system says it in a file, npm itself. */
function readAncestors() {
  const parent = process.ppid;
  try {
    // proc(5): the name of the program, in parentheses, may hold anything; state and parent follow it.
    return `${parent} ${readFileSync(`/proc/${parent}/stat`, 'utf8').split(') ').at(-1).split(' ')[1]}`;
  } catch {
    return String(parent);
  }
}

/** The tools this machine lacks, as npm dependencies. */
function missingTools() {
  const missing = {};
  if (Number(process.versions.node.split('.')[0]) < oldestNodeMajor) {
    const system = windows ? 'win' : process.platform;
    const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
    missing[`${prefix}-${system}-${process.arch}`] = manifest.toolchain.node;
  }
  const installed = run('pnpm', ['--version'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...environment, pnpm_config_pm_on_fail: 'ignore' },
  });
  const installedMajor = installed.status === 0 ? String(installed.stdout).trim().split('.')[0] : '';
  if (installedMajor !== pnpmVersion.split('.')[0]) missing.pnpm = pnpmVersion;
  return missing;
}

function provideTools(missing) {
  const directory = join(root, '.tools');
  const stamp = join(directory, 'package.json');
  const text = `${JSON.stringify({ private: true, dependencies: missing, allowScripts: { pnpm: true } }, null, 2)}\n`;
  const complete = existsSync(join(directory, 'node_modules', '.package-lock.json'));
  if (!complete || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== text) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(stamp, text);
    const names = Object.entries(missing).map(([name, version]) => `${name}@${version}`);
    console.error(`hostler: fetching ${names.join(', ')} into .tools/ (once)`);
    runOrExit('npm', [
      'install',
      '--prefix',
      directory,
      '--no-package-lock',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]);
  }
  environment[pathKey] = join(directory, 'node_modules', '.bin') + delimiter + (environment[pathKey] ?? '');
}

const missing = missingTools();
if (Object.keys(missing).length > 0) provideTools(missing);

// npm describes itself to its scripts in these variables; pnpm would take them for its own settings.
for (const key of Object.keys(environment)) {
  if (/^npm_(config|lifecycle|package)_/i.test(key)) delete environment[key];
}

if (!existsSync(join(root, 'node_modules'))) console.error('hostler: installing packages (once)');
runOrExit('pnpm', ['install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn']);

const [task = 'install', ...rest] = process.argv.slice(2);
// The script's words are started here, without `pnpm run`: on a terminal that hands signals to a shell, which dies of them
// and leaves its program behind. So such a script has no quotes and no shell syntax.
const [program, ...given] = manifest.scripts[`dev:${task}`].split(' ');
// A configuration of one's own takes the place of the example, which is the last of these words.
if (task === 'start' && rest.some((word) => /\.(?:ya?ml|json)$/.test(word))) given.pop();
environment[pathKey] = join(root, 'node_modules', '.bin') + delimiter + environment[pathKey];
const child = spawn(program, [...given, ...rest], { cwd: root, env: environment, stdio: 'inherit', shell: windows });
// Ctrl-C reaches the whole group of the terminal; a supervisor signals only npm, which ends without passing it on. So a
// signal that comes here is handed on, and the end of npm counts as one.
const watch = setInterval(() => {
  if (readAncestors() !== ancestors) stop('SIGTERM');
}, 500);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
process.on('SIGINT', () => clearInterval(watch));
// Once: whoever signals everything ends npm too, and a second signal means "at once".
function stop(signal) {
  clearInterval(watch);
  child.kill(signal);
}
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
