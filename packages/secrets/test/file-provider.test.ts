import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileProvider, parseSecretRef } from '@hostler/secrets';
import { expect, it } from 'vitest';

it('does not wait for the writer of a named pipe', { timeout: 30_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'file-provider-'));
  try {
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    const context = { signal: new AbortController().signal, fetch };
    const reading = createFileProvider(directory).read(parseSecretRef('file://./pipe'), context);
    await expect(reading).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
