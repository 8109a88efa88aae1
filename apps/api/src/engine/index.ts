export { collectGarbage } from './collect-garbage.ts';
export { setOptimizing } from './set-optimizing.ts';
