// Hostler as a library: an McpServer of the official SDK runs inside this process and is served beside the servers of a
// configuration, to clients of both eras. Run it with `pnpm start`; it ends with an error when something is not as it says.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { listen } from '@hostler/api';
import { loadConfig } from '@hostler/config';
import { createRuntime } from '@hostler/runtime';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

function createClock() {
  const server = new McpServer({ name: 'clock', version: '1.0.0' });
  server.registerTool(
    'add_minutes',
    { inputSchema: { time: z.string(), minutes: z.number() } },
    ({ time, minutes }) => ({
      content: [{ type: 'text', text: new Date(Date.parse(time) + minutes * 60_000).toISOString() }],
    }),
  );
  return server;
}

const config = fileURLToPath(new URL('hostler.yaml', import.meta.url));
const { plan } = await loadConfig(config, { environment: process.env });
const runtime = await createRuntime({
  plan,
  environment: process.env,
  servers: [
    {
      name: 'clock',
      transport: { kind: 'in-process', create: createClock },
      era: 'auto',
      interactive: true,
      required: true,
      startTimeout: 5_000,
      callTimeout: 10_000,
    },
  ],
});
await runtime.start();
const listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false });

for (const mode of ['legacy', { pin: '2026-07-28' }]) {
  const client = new Client({ name: 'example', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${listening.url}/mcp`)));
  const call = { name: 'clock__add_minutes', arguments: { time: '2026-07-28T00:00:00Z', minutes: 90 } };
  const { content } = await client.callTool(call);
  assert.deepEqual(content, [{ type: 'text', text: '2026-07-28T01:30:00.000Z' }]);
  await client.close();
}

await listening.close();
console.log('clock__add_minutes answered in both eras');
