// A server of the modern era: its result says what it needs, and the client calls again with the answer.
import { acceptedContent, inputRequired, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

function createOrders() {
  const server = new McpServer({ name: 'orders', version: '1.0.0' });
  server.registerTool('order_tea', { description: 'Orders tea after asking which' }, (context) => {
    const answer = acceptedContent(context.mcpReq.inputResponses, 'kind');
    if (answer !== undefined)
      return { content: [{ type: 'text', text: `One ${String(answer.kind)} tea is ordered.` }] };
    return inputRequired({
      inputRequests: {
        kind: inputRequired.elicit({
          message: 'Which tea?',
          requestedSchema: { type: 'object', properties: { kind: { type: 'string' } }, required: ['kind'] },
        }),
      },
    });
  });
  return server;
}

serveStdio(createOrders, { legacy: 'reject' });
