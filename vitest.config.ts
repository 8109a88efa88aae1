import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const source = { conditions: ['@hostler/source', 'node', 'import', 'default'] };
const resolve = { resolve: source, ssr: { resolve: source } };

/** A poll that waits for what will be so: a machine may stall for seconds, and nothing is slower for it. */
const patient = { expect: { poll: { timeout: 15_000 } } };

/** Hosts that these tests start remember nothing beside those of whoever runs them. */
const withProcesses = {
  ...patient,
  env: { XDG_STATE_HOME: join(tmpdir(), 'hostler-test-state') },
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/** Long stories of whole hosts: minutes that not every run of the tests has. */
const drills = [
  'tests/authorization/{identity,matrix,matrix-cli,poison,recorded,refused,revoked,timing}.test.ts',
  'tests/canary/**/*.test.ts',
  'tests/cycles/**/*.test.ts',
  'tests/faults/{secrets-*,host-crash,crash-loop,stdio-answers,processes}.test.ts',
  'tests/load/**/*.test.ts',
  'tests/e2e/{examples,secret-rotation}.test.ts',
  'tests/interop/{aggregation,notifications,notifications-after-restart}.test.ts',
  'tests/matrix/**/*.test.ts',
  'tests/oidc/upstream-login.test.ts',
  'packages/secrets-gcp/test/credentials.test.ts',
  'packages/runtime/test/reload.test.ts',
  'apps/api/test/{workers,workers-faults,workers-inside}.test.ts',
  'apps/api/test/direct/workers.test.ts',
  'tests/e2e/exact/exact-results.test.ts',
];

/**
 * `unit` needs no process and no socket and is part of `pnpm check`; `integration` starts real servers; `alone` as
 * well, one after the other; `drills` are run by `pnpm drills`, `deploy` by `pnpm deploy:check`.
 */
export default defineConfig({
  test: {
    projects: [
      {
        ...resolve,
        test: {
          ...patient,
          name: 'unit',
          // These tests share nothing, so they may share a worker: half the time of a worker for each file.
          isolate: false,
          // A machine that stalls makes also those late that wait for nothing.
          testTimeout: 30_000,
          hookTimeout: 30_000,
          include: [
            'packages/*/src/**/*.test.ts',
            'apps/*/src/**/*.test.ts',
            'bench/src/**/*.test.ts',
            'tests/pins/*.test.ts',
          ],
        },
      },
      {
        ...resolve,
        test: {
          ...withProcesses,
          name: 'integration',
          exclude: drills,
          include: [
            'packages/*/test/**/*.test.ts',
            'apps/*/test/**/*.test.ts',
            'tests/{interop,matrix,e2e,oidc,authorization}/**/*.test.ts',
          ],
          // Mostly they wait for processes of their own.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...resolve,
        test: {
          ...withProcesses,
          name: 'alone',
          include: ['tests/faults/**/*.test.ts'],
          exclude: drills,
          // They look at the clock and at the machine: a neighbour would be taken for a fault.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        ...resolve,
        test: {
          ...withProcesses,
          name: 'drills',
          include: drills,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        ...resolve,
        test: {
          ...withProcesses,
          // They build and run containers: `pnpm containers` finds an engine for them.
          name: 'containers',
          include: ['tests/containers/**/*.test.ts'],
          globalSetup: ['tests/containers/support/require-engine.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
      {
        ...resolve,
        test: {
          ...withProcesses,
          name: 'deploy',
          include: ['tests/deploy/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
