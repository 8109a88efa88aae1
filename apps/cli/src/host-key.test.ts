import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { temporaryDirectory } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import type { CliContext } from './context.ts';
import { readHostKey } from './host-key.ts';

function world(workingDirectory: string, environment: CliContext['environment'] = {}): CliContext {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  return { arguments: [], environment, workingDirectory, stdin, stdout, stderr, signals: { on() {}, off() {} } };
}

describe('the key for a running host', () => {
  it('is that of the environment, or none', async () => {
    expect(await readHostKey(world('/', { HOSTLER_KEY: 'hk_a' }), {})).toBe('hk_a');
    expect(await readHostKey(world('/', { HOSTLER_KEY: '' }), {})).toBeUndefined();
    expect(await readHostKey(world('/'), {})).toBeUndefined();
  });

  it('is rather that of a file, less the line break at its end', async () => {
    await using folder = await temporaryDirectory();
    await writeFile(join(folder.path, 'key'), 'hk_file\n');
    expect(await readHostKey(world(folder.path, { HOSTLER_KEY: 'hk_a' }), { keyFile: 'key' })).toBe('hk_file');
  });

  it.each(['hk_a\nx: y', 'two words', 'Bearer hk_a', 'hk_\u00e4'])(
    'is never %j, which is not repeated',
    async (key) => {
      await expect(readHostKey(world('/', { HOSTLER_KEY: key }), {})).rejects.toThrow(
        expect.objectContaining({ code: 'CLI_USAGE', message: expect.not.stringContaining(key) }),
      );
    },
  );

  it('is missed in a file that is not there', async () => {
    await expect(readHostKey(world('/nowhere'), { keyFile: 'key' })).rejects.toThrow('cannot be read from key: ENOENT');
  });
});
