// An MCP server on stdio without dependencies, for images that hold none: `wait` answers later, `eat` takes memory until it
// is stopped, `who` tells of its process.
import { createInterface } from 'node:readline';

const names = ['echo', 'wait', 'eat', 'who'];
const held = [];
const megabyte = 2 ** 20;

function eat() {
  held.push(Buffer.alloc(16 * megabyte, 1));
  setTimeout(eat, 1);
}

const tools = {
  echo: async ({ text }) => text,
  wait: ({ milliseconds }) => new Promise((resolve) => setTimeout(() => resolve('waited'), milliseconds)),
  eat: () => new Promise(eat),
  who: async () => JSON.stringify({ uid: process.getuid(), environment: Object.keys(process.env) }),
};

async function answer(method, params) {
  if (method === 'initialize') {
    const { protocolVersion } = params;
    return { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'slow', version: '1.0.0' } };
  }
  if (method === 'tools/list') return { tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })) };
  if (method === 'tools/call') {
    return { content: [{ type: 'text', text: String(await tools[params.name](params.arguments ?? {})) }] };
  }
  return {};
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params = {} } = JSON.parse(line);
  if (id === undefined) return;
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: await answer(method, params) })}\n`);
});
