import { defineConfig } from 'vitest/config';

const source = { conditions: ['@hostler/source', 'node', 'import', 'module', 'default'] };

export default defineConfig({
  resolve: source,
  ssr: { resolve: source },
  test: { include: ['test/planted/*.suite.ts'], testTimeout: 30_000 },
});
