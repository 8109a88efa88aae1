import { fileURLToPath } from 'node:url';
import { startProcess } from '@hostler/test-kit';
import { expect, it } from 'vitest';

it('examples/04-in-process does what it says', async () => {
  const main = fileURLToPath(new URL('../../examples/04-in-process/main.js', import.meta.url));
  const example = await startProcess(process.execPath, ['--conditions=@hostler/source', main], {
    waitFor: /answered in both eras/,
    timeout: 30_000,
  });
  expect(await example.exited).toEqual({ code: 0, signal: null });
});

it('examples/03-two-eras does what it says', async () => {
  const main = fileURLToPath(new URL('../../examples/03-two-eras/main.js', import.meta.url));
  const example = await startProcess(process.execPath, ['--conditions=@hostler/source', main], {
    waitFor: /every question found its answer, in both eras/,
    timeout: 60_000,
  });
  expect(await example.exited).toEqual({ code: 0, signal: null });
});

it('examples/02-cloud-secrets does what it says', async () => {
  const main = fileURLToPath(new URL('../../examples/02-cloud-secrets/main.js', import.meta.url));
  const example = await startProcess(process.execPath, ['--conditions=@hostler/source', main], {
    waitFor: /exactly the declared secrets arrived, and the changed one followed/,
    timeout: 60_000,
  });
  expect(await example.exited).toEqual({ code: 0, signal: null });
});

it('examples/06-two-teams does what it says', async () => {
  const main = fileURLToPath(new URL('../../examples/06-two-teams/main.js', import.meta.url));
  const example = await startProcess(process.execPath, ['--conditions=@hostler/source', main], {
    waitFor: /each team had what is its own, and nobody had anything else/,
    timeout: 60_000,
  });
  expect(await example.exited).toEqual({ code: 0, signal: null });
});
