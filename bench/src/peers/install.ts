import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rival } from './rivals.ts';

/** Rivals are no dependency of this repository: they are kept between runs below the temporary folder, each for itself. */
const CACHE = join(tmpdir(), 'hostler-bench-peers');
const LONGEST_INSTALL_MS = 120_000;

/** @returns the file to start; what npm said when it could not install is thrown. */
export async function installed(rival: Rival): Promise<string> {
  const directory = join(CACHE, `${rival.package.replace('@', '').replace('/', '-')}-${rival.version}`);
  const home = join(directory, 'node_modules', rival.package);
  if (!isThere(home, rival.version)) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'package.json'), '{ "private": true }\n');
    await install(directory, `${rival.package}@${rival.version}`);
  }
  return join(home, rival.entry);
}

function isThere(home: string, version: string): boolean {
  const file = join(home, 'package.json');
  if (!existsSync(file)) return false;
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version?: string }).version === version;
}

/** Without the scripts of whatever it brings along. */
function install(directory: string, what: string): Promise<void> {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', '--loglevel=error'];
  return new Promise((resolve, reject) => {
    const settings = { cwd: directory, timeout: LONGEST_INSTALL_MS };
    execFile('npm', ['install', ...options, what], settings, (error, _output, complaint) => {
      if (error === null) resolve();
      else reject(new Error(`npm install: ${complaintIn(complaint) || error.message}`));
    });
  });
}

/** The first line that says what was wrong, without addresses. */
export function complaintIn(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  const code = lines.find((line) => line.startsWith('code '))?.slice(5);
  const said = lines.find((line) => line !== '' && !/^(code|npm warn) /.test(line))?.replace(/https?:\S+/g, '…');
  return [code, said].filter((part) => part !== undefined).join(': ');
}
