// An MCP server that takes as little as a process of Node can to start: offers the tools that its arguments name, and one
// resource when the last argument is a URI. Each tool answers with its name and its arguments, and with its process id.
import { createInterface } from 'node:readline';

const names = process.argv.slice(2);
const uris = names.filter((name) => name.includes('://'));
const tools = names
  .filter((name) => !uris.includes(name))
  .map((name) => ({ name, description: `${name}, of a stand-in`, inputSchema: { type: 'object' } }));

const results = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {}, ...(uris.length > 0 && { resources: {} }) },
    serverInfo: { name: 'stand-in', version: '1.0.0' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools }),
  'tools/call': ({ name, arguments: given }) => ({
    content: [{ type: 'text', text: `${name} ${JSON.stringify(given)}` }],
    structuredContent: { pid: process.pid },
  }),
  'resources/list': () => ({ resources: uris.map((uri) => ({ uri, name: uri })) }),
  'resources/templates/list': () => ({ resourceTemplates: [] }),
  'resources/read': ({ uri }) => ({ contents: [{ uri, mimeType: 'text/plain', text: 'known to all' }] }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const answer = results[method]?.(params);
  const outcome = answer ? { result: answer } : { error: { code: -32601, message: 'Method not found' } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...outcome })}\n`);
}
