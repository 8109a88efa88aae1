import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { importedModules, isTestFile, runTimeDependencies, sourceFiles, workspacePackages } from './workspace.ts';

const sources = sourceFiles('packages/kernel')
  .filter((file) => !isTestFile(file))
  .map((file) => readFileSync(file, 'utf8'));

it('the kernel stays within 600 lines', () => {
  const lines = sources.reduce((sum, source) => sum + source.trimEnd().split('\n').length, 0);
  expect(lines).toBeGreaterThan(100);
  expect(lines).toBeLessThanOrEqual(600);
});

it('the kernel imports nothing but itself, and needs nothing', () => {
  const imports = sources.flatMap(importedModules);
  expect(imports).toContain('./errors.ts');
  expect(imports.filter((module) => !module.startsWith('./'))).toEqual([]);
  const kernel = workspacePackages().find(({ folder }) => folder === 'packages/kernel');
  expect(kernel && runTimeDependencies(kernel.manifest)).toEqual([]);
});

it('the kernel asks the platform for nothing but errors, JSON and text', () => {
  const platform =
    /\b(?:process|Buffer|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|console|Date|performance|crypto)\b[.(]/;
  expect(sources.filter((source) => platform.test(source))).toEqual([]);
});
