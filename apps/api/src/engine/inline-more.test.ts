import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Prints what the engine was told. */
const PROGRAM = `
  const [module, ...settings] = process.argv.slice(1);
  const v8 = process.getBuiltinModule('node:v8');
  const told = [];
  v8.setFlagsFromString = (flags) => told.push(flags);
  (await import(module)).inlineMore(settings);
  console.log(JSON.stringify(told));
`;

function told(...settings: readonly string[]): unknown {
  const module = pathToFileURL(join(import.meta.dirname, 'inline-more.ts')).href;
  const all = ['--input-type=module', '-e', PROGRAM, module, ...settings];
  const { stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

const SETTINGS = ['--max-inlined-bytecode-size-small=100', '--max-inlined-bytecode-size-cumulative=3000'];

// What it gives is measured by `pnpm bench`.
describe('inlineMore', { timeout: 60_000 }, () => {
  it('tells the engine', () => {
    expect(told()).toEqual(SETTINGS);
    expect(told('--max-old-space-size=64')).toEqual(SETTINGS);
  });

  it('leaves an engine as it is that somebody has set up', () => {
    expect(told('--max-inlined-bytecode-size=100')).toEqual([]);
    expect(told('', '--inspect --no-turbo-inlining')).toEqual([]);
  });

  it.each(SETTINGS)('tells it something that it knows: %s', (setting) => {
    // Node refuses to start with what its engine does not know.
    expect(spawnSync(process.execPath, [setting, '-e', '']).status).toBe(0);
    expect(spawnSync(process.execPath, [setting.replace('=', '-not='), '-e', '']).status).not.toBe(0);
  });
});
