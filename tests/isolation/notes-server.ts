// An MCP server over stdio that says back what it was told, and keeps one note for each consumer: `node notes-server.ts`
// speaks the legacy era, `node notes-server.ts modern` the other. Everything that it sends names whose it is.
import { createInterface } from 'node:readline';

type JsonObject = Record<string, unknown>;

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: JsonObject & { readonly arguments?: JsonObject; readonly _meta?: JsonObject };
}

const isModern = process.argv[2] === 'modern';
const info = { name: 'notes', version: '1.0.0' };
const capabilities = { tools: {}, resources: { subscribe: true } };
const told = { ttlMs: 0, cacheScope: 'private' };
const text = { type: 'string' };

function send(message: JsonObject): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

function resultOf({ method, params = {} }: Message): JsonObject | undefined {
  switch (method ?? '') {
    case 'initialize':
      return isModern ? undefined : { protocolVersion: '2025-11-25', capabilities, serverInfo: info };
    case 'server/discover':
      if (!isModern) return undefined;
      return {
        supportedVersions: ['2026-07-28'],
        capabilities,
        _meta: { 'io.modelcontextprotocol/serverInfo': info },
        ...told,
      };
    case 'ping':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return {};
    case 'tools/list':
      return {
        tools: ['say', 'touch'].map((name) => ({ name, inputSchema: { type: 'object', properties: { mark: text } } })),
        ...told,
      };
    case 'resources/list':
      return { resources: [], ...told };
    case 'resources/templates/list':
      return { resourceTemplates: [{ uriTemplate: 'note://{consumer}', name: 'note' }], ...told };
    case 'resources/read':
      return { contents: [{ uri: params['uri'], text: `the note at ${String(params['uri'])}` }], ...told };
    case 'tools/call':
      return called(params);
    default:
      return undefined;
  }
}

function called({ name, arguments: given = {}, _meta }: NonNullable<Message['params']>): JsonObject {
  const progressToken = _meta?.['progressToken'];
  if (progressToken !== undefined) {
    send({ method: 'notifications/progress', params: { progressToken, progress: 1, message: given['mark'] } });
  }
  if (name === 'touch') send({ method: 'notifications/resources/updated', params: { uri: given['uri'] } });
  return { content: [{ type: 'text', text: String(given['mark']) }] };
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line) as Message;
  if (message.id === undefined) return;
  const result = resultOf(message);
  const complete = isModern ? { resultType: 'complete', ...result } : result;
  send(
    result === undefined
      ? { id: message.id, error: { code: -32_601, message: `Unknown method ${String(message.method)}` } }
      : { id: message.id, result: complete },
  );
});
