// A server of the legacy era: it asks its client a question while the call is open.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const server = new McpServer({ name: 'bookings', version: '1.0.0' });
server.registerTool('book_table', { description: 'Books a table after asking for how many' }, async () => {
  const { action, content } = await server.server.elicitInput({
    message: 'A table for how many?',
    requestedSchema: { type: 'object', properties: { guests: { type: 'integer' } }, required: ['guests'] },
  });
  const text = action === 'accept' ? `A table for ${String(content.guests)} is booked.` : 'No table was booked.';
  return { content: [{ type: 'text', text }] };
});
await server.connect(new StdioServerTransport());
