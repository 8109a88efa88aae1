// A server with the tools that its arguments name; each says that it was called.
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const names = process.argv.slice(2);

serveStdio(() => {
  const server = new McpServer({ name: 'example', version: '1.0.0' });
  for (const name of names) {
    server.registerTool(name, { description: `Answers to ${name}` }, () => ({
      content: [{ type: 'text', text: `${name} was called.` }],
    }));
  }
  return server;
});
