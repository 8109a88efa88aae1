import { spawnSync } from 'node:child_process';
import { nodeCommand } from '../processes.ts';
import { HOST_CORE } from './host-process.ts';
import type { Program } from './program.ts';

/** Milliseconds of `hostler --version`, with the start and the end of its process. */
export function versionMs(program: Program): number {
  const [command = '', ...rest] = nodeCommand([...program, '--version'], HOST_CORE);
  const begun = performance.now();
  const { status, stdout } = spawnSync(command, rest, { encoding: 'utf8' });
  const elapsed = performance.now() - begun;
  if (status !== 0 || !/^\d+\.\d+\.\d+/.test(stdout)) throw new Error(`hostler --version ended with ${status}`);
  return elapsed;
}
