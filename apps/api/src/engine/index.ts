export { allocateYoung } from './allocate-young.ts';
export { boundNursery } from './bound-nursery.ts';
export { collectGarbage } from './collect-garbage.ts';
export { inlineMore } from './inline-more.ts';
export { keepCompiled } from './keep-compiled.ts';
export { setOptimizing } from './set-optimizing.ts';
