import { describe, expect, it } from 'vitest';
import { isMoved } from '../../rolldown.config.ts';

const looking = 'new URL("../templates/", import.meta.url)';

describe('a source that looks for files beside itself', () => {
  it.each([
    ['stays in its folder', { source: 'commands/new', code: looking, file: 'commands/new.js' }, false],
    ['is built into a neighbour', { source: 'commands/new', code: looking, file: 'commands/run.js' }, false],
    ['is built into a file above', { source: 'commands/new', code: looking, file: 'main.js' }, true],
    ['is built into a file below', { source: 'version', code: looking, file: 'commands/new.js' }, true],
  ])('%s', (_, built, moved) => {
    expect(isMoved(built)).toBe(moved);
  });
});

describe('any other source', () => {
  it.each([
    ['may be built into any file', 'export const one = 1;'],
    ['may be left out', null],
  ])('%s', (_, code) => {
    expect(isMoved({ source: 'commands/new', code, file: 'main.js' })).toBe(false);
  });
});
