import { createInterface } from 'node:readline';
import { answerBasics, isModernRequest } from './basic-results.ts';
import { answerLine, text } from './call.ts';
import type { Call, JsonObject, Request } from './call.ts';
import { createCatalog } from './catalog.ts';
import { recordCall } from './startup.ts';
import type { Startup } from './startup.ts';
import { tools } from './tools.ts';

/** Speaks JSON lines on stdin and stdout until stdin ends, or not even then. */
export function serveStdio(startup: Startup): void {
  const connection = createConnection(startup);
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      if (!startup.silent) connection.receive(line);
    })
    .on('close', () => {
      if (startup.ignoreStdinClose) setInterval(() => undefined, 2 ** 30);
      else process.exit(0);
    });
}

interface Connection {
  receive(line: string): void;
}

function createConnection(startup: Startup): Connection {
  const catalog = createCatalog(startup);
  const questions = new Map<unknown, (result: unknown) => void>();
  const open = new Map<unknown, AbortController>();
  const listeners = new Map<string | number, JsonObject>();
  const seen: { methods: Record<string, number>; tools: Record<string, number>; cancelled: unknown[] } = {
    methods: {},
    tools: {},
    cancelled: [],
  };
  let answered = 0;
  let questionCount = 0;

  const write = (bytes: string | Uint8Array): void => void process.stdout.write(bytes);
  const send = (message: JsonObject): void => write(`${JSON.stringify(message)}\n`);

  function finish(id: unknown, line: string): void {
    open.delete(id);
    write(`${line}\n`);
    answered += 1;
    if (startup.crashAfter !== undefined && answered >= startup.crashAfter) process.exit(1);
  }

  function announceTools(): void {
    const method = 'notifications/tools/list_changed';
    if (startup.era !== 'modern') send({ jsonrpc: '2.0', method });
    for (const [id, filter] of listeners) {
      if (filter['toolsListChanged'] !== true) continue;
      send({ jsonrpc: '2.0', method, params: { _meta: { 'io.modelcontextprotocol/subscriptionId': id } } });
    }
  }

  function createCall(request: Request, cancelled: AbortSignal): Call {
    const parameters = request.params['arguments'];
    const call: Call = {
      request,
      parameters: typeof parameters === 'object' && parameters !== null ? { ...parameters } : {},
      cancelled,
      answer: (result) => finish(request.id, answerLine(call, result)),
      send,
      write,
      ask(method, params) {
        const id = `question-${++questionCount}`;
        send({ jsonrpc: '2.0', id, method, params });
        return new Promise((resolve) => questions.set(id, resolve));
      },
      changeTools() {
        catalog.toggleExtra();
        announceTools();
      },
      statistics: () => ({ ...seen, pid: process.pid }),
    };
    return call;
  }

  function run(request: Request): void {
    const name = String(request.params['name']);
    seen.tools[name] = (seen.tools[name] ?? 0) + 1;
    const tool = tools[name] ?? (/^(extra|tool-\d+)$/.test(name) || name === startup.shadow ? tools['ok'] : undefined);
    if (tool === undefined) {
      const error = { code: -32_602, message: `Unknown tool ${name}` };
      finish(request.id, JSON.stringify({ jsonrpc: '2.0', id: request.id, error }));
      return;
    }
    const cancel = new AbortController();
    open.set(request.id, cancel);
    const call = createCall(request, cancel.signal);
    void Promise.resolve()
      .then(() => tool(call))
      .catch((error: unknown) => call.answer({ ...text(String(error)), isError: true }));
  }

  function listen({ id, params }: Request): void {
    const filter = params['notifications'] as JsonObject;
    listeners.set(id, filter);
    const meta = { 'io.modelcontextprotocol/subscriptionId': id };
    send({
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { toolsListChanged: filter['toolsListChanged'] === true }, _meta: meta },
    });
  }

  function receiveRequest(request: Request): void {
    recordCall(startup, request.method, request.params['name']);
    seen.methods[request.method] = (seen.methods[request.method] ?? 0) + 1;
    if (startup.exitOnDiscover && request.method === 'server/discover') process.exit(1);
    if (request.method === 'subscriptions/listen' && request.isModern && startup.era !== 'legacy') {
      listen(request);
      return;
    }
    const answer = answerBasics(request, startup.era, catalog);
    if (answer === undefined) run(request);
    else finish(request.id, JSON.stringify({ jsonrpc: '2.0', id: request.id, ...answer }));
  }

  function receiveNotification(method: unknown, params: JsonObject): void {
    if (typeof method === 'string') recordCall(startup, method, undefined);
    if (method !== 'notifications/cancelled') return;
    const id = params['requestId'];
    seen.cancelled.push(id);
    open.get(id)?.abort();
    listeners.delete(id as string | number);
  }

  return {
    receive(line) {
      const message = parse(line);
      const params = (message['params'] ?? {}) as JsonObject;
      const { id, method } = message;
      if (typeof method !== 'string') questions.get(id)?.(message['result'] ?? message['error']);
      else if (typeof id === 'string' || typeof id === 'number') {
        receiveRequest({ id, method, params, isModern: isModernRequest(params) });
      } else receiveNotification(method, params);
    },
  };
}

function parse(line: string): JsonObject {
  try {
    return JSON.parse(line) as JsonObject;
  } catch {
    process.stderr.write(`not JSON: ${line.slice(0, 100)}\n`);
    return {};
  }
}
