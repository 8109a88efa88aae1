import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Where a program is: among those that `pnpm deploy:check` has fetched, or on the PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [join(repository, '.tools/deploy/bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** The same for tests that are left out without it: says so once. */
export function findOrSay(name: string, what: string): string | undefined {
  const found = findProgram(name);
  if (found === undefined)
    console.log(`deploy: skipped: ${what}: there is no ${name}; \`pnpm deploy:check\` fetches it`);
  return found;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever comes of it. */
export function run(
  command: string,
  parameters: readonly string[],
  options: { readonly input?: string } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      parameters,
      { timeout: 60_000, maxBuffer: 32 * 1024 * 1024, cwd: repository },
      (error, stdout, stderr) => resolve({ code: codeOf(error), stdout, stderr }),
    );
    child.stdin?.end(options.input ?? '');
  });
}

function codeOf(error: Error | null): number {
  if (error === null) return 0;
  return 'code' in error && typeof error.code === 'number' ? error.code : 1;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
