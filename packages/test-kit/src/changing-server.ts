import { readFileSync, watchFile } from 'node:fs';
import { createInterface } from 'node:readline';

// A legacy stdio server whose tools, prompts, templates and instructions stand in a file: whoever writes it plays a
// server that changes while it runs. It tells of the change, unless the file says "silent".

interface Content {
  readonly instructions?: string;
  readonly tools?: readonly object[];
  readonly prompts?: readonly object[];
  readonly resourceTemplates?: readonly object[];
  readonly silent?: boolean;
}

const [file = ''] = process.argv.slice(2);
const content = (): Content => JSON.parse(readFileSync(file, 'utf8')) as Content;
const send = (message: object): void =>
  void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

interface Request {
  readonly id?: string | number;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly protocolVersion?: string };
}

function resultOf({ method, params = {} }: Request): object | undefined {
  const { instructions, tools = [], prompts = [], resourceTemplates = [] } = content();
  const listed = { listChanged: true };
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: '2025-11-25',
        capabilities: { tools: listed, prompts: listed, resources: listed },
        serverInfo: { name: 'changing', version: '1' },
        ...(instructions !== undefined && { instructions }),
      };
    case 'ping':
      return {};
    case 'tools/list':
      return { tools };
    case 'prompts/list':
      return { prompts };
    case 'resources/list':
      return { resources: [] };
    case 'resources/templates/list':
      return { resourceTemplates };
    case 'tools/call':
      return { content: [{ type: 'text', text: `called ${params.name}` }] };
    case 'prompts/get':
      return { messages: [{ role: 'user', content: { type: 'text', text: `got ${params.name}` } }] };
    default:
      return undefined;
  }
}

watchFile(file, { interval: 20, persistent: false }, () => {
  if (content().silent === true) return;
  for (const kind of ['tools', 'prompts', 'resources']) send({ method: `notifications/${kind}/list_changed` });
});

createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line) as Request;
  if (request.id === undefined) return;
  const result = resultOf(request);
  const error = { code: -32_601, message: `Unknown method ${request.method}` };
  send({ id: request.id, ...(result === undefined ? { error } : { result }) });
});
