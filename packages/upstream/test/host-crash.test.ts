import { fileURLToPath } from 'node:url';
import { alive, startProcess } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { until } from './support/stdio-setup.ts';

const smallHost = fileURLToPath(new URL('fixtures/small-host.ts', import.meta.url));

it.each(['SIGKILL', 'SIGTERM'] as const)('a host that ends by %s leaves none of its servers behind', async (signal) => {
  await using host = await startProcess(process.execPath, ['--conditions=@hostler/source', smallHost], {
    waitFor: /descendants/,
  });
  const { descendants } = JSON.parse(host.firstLine) as { readonly descendants: readonly number[] };
  // Two servers, a grandchild of each, and two keepers, since each connection was made by a connector of its own.
  expect(descendants).toHaveLength(6);
  process.kill(host.pid, signal);
  await host.exited;
  await until(() => descendants.every((pid) => !alive(pid)));
});
