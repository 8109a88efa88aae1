import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import { z } from 'zod';

const sum = { a: z.number().describe('one summand'), b: z.number() };
const tool = { title: 'Add', description: 'Adds two numbers', annotations: { readOnlyHint: true } };

function added({ a, b }: { a: number; b: number }) {
  return { content: [{ type: 'text' as const, text: String(a + b) }], structuredContent: { sum: a + b } };
}

function greeting({ name }: { name: string }) {
  return { messages: [{ role: 'user' as const, content: { type: 'text' as const, text: `Greet ${name}.` } }] };
}

const motto = { contents: [{ uri: 'demo://motto', mimeType: 'text/plain', text: 'Deny is the default.' }] };

export function createServerV1(): McpServerV1 {
  const server = new McpServerV1({ name: 'in-process-v1', version: '1.0.0' }, { instructions: 'Adds.' });
  server.registerTool('add', { ...tool, inputSchema: sum, outputSchema: { sum: z.number() } }, added);
  server.registerPrompt('greet', { description: 'Greets', argsSchema: { name: z.string() } }, greeting);
  server.registerResource('motto', 'demo://motto', { mimeType: 'text/plain' }, () => motto);
  return server;
}

export function createServerV2(): McpServerV2 {
  const server = new McpServerV2({ name: 'in-process-v2', version: '1.0.0' }, { instructions: 'Adds.' });
  server.registerTool(
    'add',
    { ...tool, inputSchema: z.object(sum), outputSchema: z.object({ sum: z.number() }) },
    added,
  );
  server.registerPrompt('greet', { description: 'Greets', argsSchema: z.object({ name: z.string() }) }, greeting);
  server.registerResource('motto', 'demo://motto', { mimeType: 'text/plain' }, () => motto);
  return server;
}
