import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess, temporaryDirectory } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const witness = fileOf('tests/e2e/support/engine-witness.cjs');

/** What each program tells its engine, for the most part when it has worked: see `@hostler/api/engine`. */
const atWork = [
  '--no-memory-reducer-favors-memory',
  '--semi-space-growth-factor=1',
  '--max-inlined-bytecode-size-small=100',
  '--max-inlined-bytecode-size-cumulative=3000',
];
/** Those that do not compile for speed while they start, when they have: `setOptimizing()`. */
const started = ['--opt', '--maglev', ...atWork];

const cli = 'apps/cli/src/main.ts';
const api = 'apps/api/src/main.ts';
const worker = 'apps/api/src/workers/worker-main.ts';

describe('the engine of a host compiles for speed once it has started, keeps that, and bounds its nursery', () => {
  it.each([
    { name: 'hostler run', main: cli, parameters: ['run', '--port', '0'], told: { [cli]: started } },
    { name: 'hostler-api', main: api, parameters: ['hostler.json'], told: { [api]: started } },
    {
      name: 'its workers',
      main: api,
      parameters: ['hostler.json', '--workers', '2'],
      told: { [api]: started, [worker]: atWork },
    },
  ])('$name', async ({ main, parameters, told }) => {
    await using folder = await temporaryDirectory();
    const notes = join(folder.path, 'told');
    await writeFile(notes, '');
    await writeFile(join(folder.path, 'hostler.json'), JSON.stringify({ servers: {} }));
    const env = { PATH: process.env['PATH'] ?? '', XDG_STATE_HOME: folder.path, PORT: '0', ENGINE_WITNESS: notes };
    const nodeOptions = ['--conditions=@hostler/source', '--require', witness];
    await using _host = await startProcess(process.execPath, [...nodeOptions, fileOf(main), ...parameters], {
      cwd: folder.path,
      env,
    });
    const expected = Object.entries(told).flatMap(([program, all]) =>
      all.map((flags) => `${fileOf(program)} ${flags}`),
    );
    await expect
      .poll(async () => (await readFile(notes, 'utf8')).split('\n'), { timeout: 40_000 })
      .toEqual(expect.arrayContaining(expected));
  });
});
