import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Puts the files of a commit into a folder with what they depend on, for as long as `use` needs them. */
export async function withOldProgram<T>(ref: string, use: (program: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'hostler-old-'));
  try {
    // Not a worktree of the repository: that would stay on its list if this were killed.
    const archive = execFileSync('git', ['archive', '--format=tar', commitOf(ref)], { cwd: ROOT, maxBuffer: 2 ** 30 });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    if (sameDependencies(folder)) linkDependencies(folder);
    else installDependencies(folder);
    return await use(join(folder, 'apps/cli/src/main.ts'));
  } finally {
    rmSync(folder, { recursive: true, maxRetries: 3 });
  }
}

function commitOf(ref: string): string {
  const options = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
  try {
    return execFileSync('git', options, { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    throw new Error(`--compare: "${ref}" is no commit of this repository`);
  }
}

function sameDependencies(folder: string): boolean {
  const lockfile = (root: string): string => readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  return lockfile(folder) === lockfile(ROOT);
}

/** From the store of this machine, so the versions are those of the commit. */
function installDependencies(folder: string): void {
  execFileSync('pnpm', ['install', '--offline', '--frozen-lockfile', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CI: '1' },
  });
}

/** The same links between packages, to the other folder's sources; what comes from elsewhere is shared. */
function linkDependencies(folder: string): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/.pnpm'), join(folder, 'node_modules/.pnpm'));
  const packages = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(folder, group)).map((name) => join(group, name)),
  );
  for (const name of ['.', ...packages]) {
    const modules = join(ROOT, name, 'node_modules');
    if (existsSync(modules)) copyLinks(modules, join(folder, name, 'node_modules'));
  }
}

function copyLinks(from: string, to: string): void {
  for (const name of readdirSync(from).filter((each) => !each.startsWith('.'))) {
    const [source, copy] = [join(from, name), join(to, name)];
    if (lstatSync(source).isSymbolicLink()) {
      mkdirSync(dirname(copy), { recursive: true });
      symlinkSync(readlinkSync(source), copy);
    } else if (name.startsWith('@')) copyLinks(source, copy);
  }
}
