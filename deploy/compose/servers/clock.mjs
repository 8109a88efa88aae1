// A small MCP server on stdio, without dependencies: a first thing to call. Revision 2025-06-18 of the protocol.
import { createInterface } from 'node:readline';

const tool = {
  name: 'now',
  description: 'Tells the time.',
  inputSchema: { type: 'object', properties: { zone: { type: 'string', description: 'Such as Europe/Oslo; UTC' } } },
};

const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'clock', version: '1.0.0' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: [tool] }),
  'tools/call': ({ arguments: { zone = 'UTC' } = {} }) => ({ content: [{ type: 'text', text: now(zone) }] }),
};

function now(zone) {
  try {
    return new Date().toLocaleString('en-GB', { timeZone: zone, timeZoneName: 'short' });
  } catch {
    return `There is no time zone "${zone}".`;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params = {} } = JSON.parse(line);
  if (id === undefined) continue;
  const answer = methods[method];
  const outcome = answer ? { result: answer(params) } : { error: { code: -32_601, message: 'Method not found' } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...outcome })}\n`);
}
