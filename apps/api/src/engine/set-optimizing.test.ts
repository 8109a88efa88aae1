import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Prints whether a hot function got compiled for speed: while that is off, and when it is on again. */
const PROGRAM = `
  const { setOptimizing } = await import(process.argv[1]);
  const status = new Function('f', 'return %GetOptimizationStatus(f)');
  const hot = () => { let sum = 0; for (let i = 0; i < 2_000; i++) sum = (sum * 31 + i) | 0; return sum; };
  // Bits 4 to 6 of runtime/runtime.h of V8: optimized, by Maglev, by TurboFan.
  const isOptimized = (rounds) => {
    for (let i = 0; i < rounds; i++) { hot(); if ((status(hot) & 0b1110000) !== 0) return true; }
    return false;
  };
  setOptimizing(false, process.execArgv);
  const before = isOptimized(Number(process.argv[2]));
  setOptimizing(true, process.execArgv);
  console.log(before, isOptimized(1_000_000));
`;

/** @param rounds that are waited for, the compilers being beside the program */
function run(rounds: number, ...flags: readonly string[]): string {
  const module = pathToFileURL(join(import.meta.dirname, 'set-optimizing.ts')).href;
  const all = [...flags, '--allow-natives-syntax', '--input-type=module', '-e', PROGRAM, module, String(rounds)];
  const { stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
  return `${stdout}${stderr}`.trim();
}

describe('setOptimizing', () => {
  it('stops the compilers that make hot functions fast, and lets them go on', { timeout: 60_000 }, () => {
    expect(run(5_000)).toBe('false true');
  });

  it('leaves an engine as it is that somebody has set up', { timeout: 60_000 }, () => {
    expect(run(1_000_000, '--no-turbofan')).toBe('true true');
  });
});
