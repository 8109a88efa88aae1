// A stdio server that says which variables it has, and tells their values apart by digests alone. Of a variable whose
// name ends in _FILE it means the content of the file.
import { readFileSync } from 'node:fs';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { digestOf } from './digest.ts';

// Once: some systems let a descriptor be read only one time.
const digests = Object.fromEntries(
  Object.entries(process.env).map(([name, value = '']) => [
    name,
    digestOf(name.endsWith('_FILE') ? readFileSync(value, 'utf8') : value),
  ]),
);

serveStdio(() => {
  const server = new McpServer({ name: 'reporting', version: '1.0.0' });
  server.registerTool('report', {}, () => ({ content: [{ type: 'text', text: JSON.stringify(digests) }] }));
  return server;
});
