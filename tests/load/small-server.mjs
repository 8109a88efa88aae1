// A server that takes as little as a process of Node can to start: what is measured when it dies and is started again is
// what the host does, and not what the machine has to read. Its one tool tells its process id.
import { createInterface } from 'node:readline';

const results = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'small', version: '1.0.0' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: [{ name: 'stats', inputSchema: { type: 'object' } }] }),
  'tools/call': () => ({ content: [], structuredContent: { pid: process.pid } }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const answer = results[method]?.(params);
  const outcome = answer ? { result: answer } : { error: { code: -32601, message: 'Method not found' } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...outcome })}\n`);
}
