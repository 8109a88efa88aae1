import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const source = { conditions: ['@hostler/source', 'node', 'import', 'module', 'default'] };
const resolve = { resolve: source, ssr: { resolve: source } };

/** `unit` needs no process and no socket and is part of `pnpm check`; `integration` starts real servers. */
export default defineConfig({
  test: {
    projects: [
      {
        ...resolve,
        test: {
          name: 'unit',
          // These tests share nothing, so they may share a worker: half the time of a worker for each file.
          isolate: false,
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'tests/pins/*.test.ts'],
        },
      },
      {
        ...resolve,
        test: {
          name: 'integration',
          include: [
            'packages/*/test/**/*.test.ts',
            'apps/*/test/**/*.test.ts',
            'tests/{interop,faults,matrix,cycles,load,e2e}/**/*.test.ts',
          ],
          // Hosts that these tests start remember nothing beside those of whoever runs them.
          env: { XDG_STATE_HOME: join(tmpdir(), 'hostler-test-state') },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
