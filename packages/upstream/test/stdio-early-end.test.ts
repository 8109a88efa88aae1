import { readFileSync } from 'node:fs';
import type * as FilePromises from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '@hostler/secrets';
import { temporaryDirectory } from '@hostler/test-kit';
import { expect, it, vi } from 'vitest';
import { createConnectStdio } from '../src/stdio/connect-stdio.ts';
import { makeStdioContext, until } from './support/stdio-setup.ts';

/** What the closing of files that were opened here waits for. */
const closing = vi.hoisted(() => ({ waitsFor: async (): Promise<void> => {} }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FilePromises>();
  const open: typeof real.open = async (...given) => {
    const handle = await real.open(...given);
    const close = handle.close.bind(handle);
    return Object.assign(handle, { close: () => closing.waitsFor().then(close) });
  };
  return { ...real, open };
});

/** The process has ended, and this one was told so. */
function isOver(id: number): boolean {
  try {
    process.kill(id, 0);
    return false;
  } catch {
    return true;
  }
}

function numberIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

it('a child that is over before its descriptors are closed here is heard all the same', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'id');
  closing.waitsFor = async () => {
    await until(() => {
      const id = numberIn(file);
      return id !== undefined && isOver(id);
    });
    // All that is said of its end has been said.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
  };
  const { context } = makeStdioContext({
    command: process.execPath,
    args: ['-e', 'require("node:fs").writeFileSync(process.argv[1], String(process.pid))', file],
    era: 'legacy',
    env: { FD: { secret: 'test://value', as: 'fd' } },
    secrets: { expire: () => {}, resolve: (reference) => Promise.resolve(new Secret('canary', { reference })) },
  });
  const error: unknown = await createConnectStdio({ baseEnvironment: {} })(context).then(
    () => 'it started',
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ details: { problem: expect.stringMatching(/exited with code 0/) } });
});
