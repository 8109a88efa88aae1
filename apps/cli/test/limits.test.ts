import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chaosServer, startProcess, temporaryDirectory } from '@hostler/test-kit';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

it('a client on standard input has the limits of the consumer that it is', async () => {
  await using folder = await temporaryDirectory();
  const config = { servers: { one: chaosServer() }, consumers: { ci: { limits: { calls: '2/h' } } } };
  await writeFile(join(folder.path, 'hostler.json'), JSON.stringify(config));
  const env = { PATH: process.env['PATH'] ?? '' };
  const parameters = ['--conditions=@hostler/source', main, 'stdio', '--as', 'ci'];
  await using child = await startProcess(process.execPath, parameters, { cwd: folder.path, env });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const ask = (id: number, method: string, more: object = {}): Promise<string> => {
    child.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params: more })}\n`);
    return child.stdout.take((line) => line.includes(`"id":${id}`), 40_000);
  };
  await ask(1, 'initialize', params);
  child.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  expect(await ask(2, 'tools/list')).toContain('"one__ok"');
  expect(await ask(3, 'tools/call', { name: 'one__ok', arguments: {} })).toContain('"result"');
  expect(await ask(4, 'tools/list')).toContain('LIMIT_EXCEEDED');
  expect(await ask(5, 'tools/call', { name: 'one__ok', arguments: {} })).toContain('LIMIT_EXCEEDED');
  expect(await ask(6, 'ping')).toContain('"result"');
  child.closeStdin();
  expect((await child.exited).code).toBe(0);
});
