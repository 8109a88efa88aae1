import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chaosServer, startProcess, temporaryDirectory } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { runIn } from './support/run-in-memory.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const { command, args } = chaosServer();

describe.skipIf(process.platform === 'win32')('a host on a unix socket', () => {
  it('is reached by hostler servers, and doctor looks at its socket', async () => {
    await using folder = await temporaryDirectory();
    const config = {
      servers: { one: { command, args } },
      listen: { socket: 'h.sock' },
      api: { servers: { enabled: true, commands: [command] } },
    };
    await writeFile(join(folder.path, 'hostler.json'), JSON.stringify(config));
    const doctor = async (): Promise<string> => {
      const { checks } = JSON.parse((await runIn(folder.path, ['doctor', '--json'])).stdout()) as { checks: object[] };
      return JSON.stringify(checks.filter((check) => 'name' in check && check.name === 'socket'));
    };
    expect(await doctor()).toContain('"h.sock is free"');
    const nobody = await runIn(folder.path, ['servers']);
    expect(nobody.exitCode).toBe(3);
    expect(nobody.stderr()).toContain('No host answers at the socket h.sock.');

    await using host = await startProcess(process.execPath, ['--conditions=@hostler/source', main, 'run', '--json'], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'] ?? '' },
    });
    await host.stdout.take(() => true, 50_000);
    expect((await runIn(folder.path, ['servers'])).stdout()).toMatch(/^one +up +file$/m);
    const refused = await runIn(folder.path, ['servers', 'add', 'bad', 'sh']);
    expect(refused.stderr()).toContain('/command: this program is not allowed');
    expect(await runIn(folder.path, ['servers', 'restart', 'one'])).toMatchObject({ exitCode: 0 });
    expect(await doctor()).toContain('"h.sock is taken"');
  });
});
