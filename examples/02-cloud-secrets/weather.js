// A server on the network that lets nobody in without its key.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

function createWeather() {
  const server = new McpServer({ name: 'weather', version: '1.0.0' });
  server.registerTool('forecast', { description: 'What tomorrow brings' }, () => ({
    content: [{ type: 'text', text: 'Tomorrow: sun.' }],
  }));
  return server;
}

/** Listens on a free port; `seen` holds every authorization header that came. */
export async function startWeather(key) {
  const seen = new Set();
  const listener = createServer(async (request, response) => {
    const { authorization } = request.headers;
    seen.add(authorization);
    if (authorization !== `Bearer ${key}`) return response.writeHead(401).end();
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    await createWeather().connect(transport);
    await transport.handleRequest(request, response);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${listener.address().port}/mcp`,
    seen,
    async close() {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
}
