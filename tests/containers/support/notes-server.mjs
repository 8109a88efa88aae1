// An MCP server on stdio with one tool, `note`, that says back what it is given. Needs nothing but Node.
import { createInterface } from 'node:readline';

const tools = [
  {
    name: 'note',
    description: 'Says back what it is given',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    annotations: { readOnlyHint: false },
  },
];

function answer({ method, params }) {
  if (method === 'initialize') {
    const serverInfo = { name: 'notes', version: '1.0.0' };
    return { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo };
  }
  if (method === 'tools/list') return { tools };
  if (method === 'tools/call') return { content: [{ type: 'text', text: params.arguments.text }] };
  return method === 'ping' ? {} : undefined;
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.id !== undefined) {
    const result = answer(request);
    const body = result ? { result } : { error: { code: -32601, message: `no method ${request.method}` } };
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, ...body })}\n`);
  }
}
