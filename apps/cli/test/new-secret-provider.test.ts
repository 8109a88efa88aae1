import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess, temporaryDirectory } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { runIn } from './support/run-in-memory.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Sources instead of what was built, as everywhere in this workspace. */
const VITEST_CONFIG = `const resolve = { conditions: ['@hostler/source', 'node', 'import', 'module', 'default'] };
export default { resolve, ssr: { resolve } };
`;

/** What an installation from a registry would put there. */
async function install(folder: string): Promise<void> {
  const target = (name: string): string => join(root, 'packages/secrets/node_modules', name);
  await mkdir(join(folder, 'node_modules/@hostler'), { recursive: true });
  await symlink(join(root, 'packages/secrets'), join(folder, 'node_modules/@hostler/secrets'));
  for (const name of ['vitest', 'valibot']) await symlink(target(name), join(folder, 'node_modules', name));
  await writeFile(join(folder, 'vitest.config.js'), VITEST_CONFIG);
}

async function runTests(folder: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  await using child = await startProcess(process.execPath, [vitest, 'run', '--reporter=verbose'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, CI: '1', NO_COLOR: '1' },
  });
  child.closeStdin();
  const { code } = await child.exited;
  await Promise.all([child.stdout.ended, child.stderr.ended]);
  return { code, output: child.stdout.text() + child.stderr.text() };
}

describe('the package that hostler new secret-provider writes', () => {
  it('passes its own tests as it stands, and fails them with a provider that is wrong', async () => {
    await using folder = await temporaryDirectory();
    const { exitCode, stdout } = await runIn(folder.path, ['new', 'secret-provider', 'acme']);
    expect(stdout()).toContain('cd hostler-secrets-acme && npm install && npm test');
    expect(exitCode).toBe(0);
    const written = join(folder.path, 'hostler-secrets-acme');
    await install(written);
    const right = await runTests(written);
    expect(right.output).toMatch(/Tests +\d+ passed/);
    expect(right.code).toBe(0);

    const provider = await readFile(join(written, 'index.js'), 'utf8');
    await writeFile(
      join(written, 'index.js'),
      provider.replace('secretErrors.ACCESS_DENIED(', 'secretErrors.UNAVAILABLE('),
    );
    const wrong = await runTests(written);
    expect(wrong.output).toMatch(/a secret that may not be read/);
    expect(wrong.code).toBe(1);
  }, 240_000);
});
