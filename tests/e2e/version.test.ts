import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callModern, exchange, openLegacySession, startProcess, temporaryDirectory } from '@hostler/test-kit';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const source = '--conditions=@hostler/source';
const api = join(root, 'apps/api/src/main.ts');
const { version } = JSON.parse(readFileSync(join(root, 'apps/api/package.json'), 'utf8')) as { version: string };

it.each([
  ['hostler', 'apps/cli/src/main.ts'],
  ['hostler-api', 'apps/api/src/main.ts'],
])('%s --version prints the version of the product, and --help what it takes', (_, main) => {
  const print = (flag: string): string =>
    execFileSync(process.execPath, [source, join(root, main), flag], { encoding: 'utf8', timeout: 30_000 });
  expect(print('--version')).toBe(`${version}\n`);
  expect(print('--help')).toContain('Usage: hostler');
});

it('a host names the same version over REST, OpenAPI, metrics, and MCP of both eras', async () => {
  await using folder = await temporaryDirectory();
  const config = join(folder.path, 'hostler.json');
  await writeFile(config, '{ "servers": {} }');
  const env = { PATH: process.env['PATH'] ?? '', PORT: '0' };
  await using server = await startProcess(process.execPath, [source, api, config], { env });
  const line = await server.stderr.take((text) => text.includes('"listening"'), 15_000);
  const { url } = JSON.parse(line) as { readonly url: string };
  const asked = async (path: string): Promise<unknown> => JSON.parse((await exchange(`${url}${path}`)).text) as unknown;
  expect(await asked('/v1/info')).toMatchObject({ version });
  expect(await asked('/v1/openapi.json')).toMatchObject({ info: { version } });
  expect((await exchange(`${url}/metrics`)).text).toContain(`hostler_info{version="${version}"} 1`);
  const told = { name: 'hostler', version };
  const legacy = await openLegacySession(`${url}/mcp`);
  expect(legacy.initializeResult).toMatchObject({ serverInfo: told });
  const { messages } = await callModern(`${url}/mcp`, 'server/discover', {});
  expect(messages[0]?.result).toMatchObject({ _meta: { 'io.modelcontextprotocol/serverInfo': told } });
});
