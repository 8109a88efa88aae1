import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@hostler/test-kit';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const require = createRequire(import.meta.url);
const everything = join(
  dirname(require.resolve('@modelcontextprotocol/server-everything/package.json')),
  'dist/index.js',
);
const info = { name: 'desktop', version: '1.0.0' };

/** The command that a desktop client is given. */
function command(config: string) {
  return {
    command: process.execPath,
    args: ['--conditions=@hostler/source', cli, 'stdio', '--config', config],
    env: { PATH: process.env['PATH'] ?? '' },
    stderr: 'ignore' as const,
  };
}

async function connect(kind: string, config: string): Promise<ClientV1 | ClientV2> {
  if (kind === 'v1') {
    const client = new ClientV1(info);
    await client.connect(new StdioV1(command(config)));
    return client;
  }
  const mode = kind === 'modern' ? { pin: '2026-07-28' } : 'legacy';
  const client = new ClientV2(info, { versionNegotiation: { mode } });
  await client.connect(new StdioV2(command(config)));
  return client;
}

async function callEcho(client: ClientV1 | ClientV2): Promise<unknown> {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain('everything__echo');
  const { content } = await client.callTool({ name: 'everything__echo', arguments: { message: 'over stdio' } });
  await client.close();
  return content;
}

describe('hostler stdio, started by an official client', () => {
  it.each([
    ['v1 SDK', 'v1'],
    ['v2 SDK, legacy era', 'legacy'],
    ['v2 SDK, modern era', 'modern'],
  ])('%s lists and calls', async (_name, kind) => {
    await using directory = await temporaryDirectory();
    const config = join(directory.path, 'hostler.json');
    const server = { command: process.execPath, args: [everything, 'stdio'] };
    await writeFile(config, JSON.stringify({ servers: { everything: server } }));
    const client = await connect(kind, config);
    expect(await callEcho(client)).toEqual([{ type: 'text', text: 'Echo: over stdio' }]);
  });
});
