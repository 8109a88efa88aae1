import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Members = Record<string, unknown>;

interface Task {
  state: Members;
  readonly inputs: Map<string, unknown>;
  /** What it does when all its questions are answered, or its time is over. */
  finish(): void;
}

/** A server of revision 2026-07-28 with the tasks extension, as the official suite wants one. */
export interface TaskServer {
  readonly url: string;
  /** `Mcp-Name` of each request, behind its method. */
  readonly names: string[];
  close(): Promise<void>;
}

const EXTENSION = 'io.modelcontextprotocol/tasks';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';
const TOOLS = [
  'greet',
  'slow_compute',
  'failing_job',
  'protocol_error_job',
  'confirm_delete',
  'multi_input',
  'test_tool_with_task',
];
const QUESTION = {
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message: 'Which?',
    requestedSchema: { type: 'object', properties: { confirm: { type: 'boolean' } } },
  },
};

class Refusal extends Error {
  readonly body: Members;
  constructor(code: number, data?: Members) {
    super(`error ${code}`);
    this.body = { code, message: `error ${code}`, ...(data && { data }) };
  }
}

export async function serveTasks(): Promise<TaskServer> {
  const names: string[] = [];
  const tasks = new Tasks();
  const server = createServer((request, response) => void answer(request, response, { tasks, names }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    names,
    async close() {
      tasks.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { tasks, names }: { readonly tasks: Tasks; readonly names: string[] },
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as {
    id: unknown;
    method: string;
    params: Members;
  };
  names.push(`${method} ${String(request.headers['mcp-name'])}`);
  if (method === 'subscriptions/listen') return tasks.listen(id, params, response);
  const meta = params['_meta'] as Members;
  const declared = (meta[CAPABILITIES] as { extensions?: Members }).extensions?.[EXTENSION] !== undefined;
  const name = request.headers['mcp-name'];
  let body: Members;
  let status = 200;
  try {
    if (method.startsWith('tasks/') && name !== params['taskId']) throw new Refusal(-32020);
    body = { result: tasks.call(method, params, declared) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    body = { error: error.body };
    const { code } = error.body;
    status = code === -32601 ? 404 : code === -32020 || code === -32021 ? 400 : 200;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
}

class Tasks {
  readonly #tasks = new Map<string, Task>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #listeners = new Set<(taskId: string) => void>();

  call(method: string, params: Members, declared: boolean): Members {
    switch (method) {
      case 'server/discover':
        return {
          resultType: 'complete',
          supportedVersions: ['2026-07-28'],
          capabilities: { tools: {}, extensions: { [EXTENSION]: {} } },
          ttlMs: 0,
          cacheScope: 'private',
          _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'tasks', version: '1' } },
        };
      case 'tools/list':
        return {
          resultType: 'complete',
          tools: TOOLS.map((name) => ({ name, inputSchema: { type: 'object' } })),
          ttlMs: 0,
          cacheScope: 'private',
        };
      case 'tools/call':
        return this.#callTool(params, declared);
      case 'tasks/get':
      case 'tasks/update':
      case 'tasks/cancel':
        if (!declared) throw new Refusal(-32021, { requiredCapabilities: { extensions: { [EXTENSION]: {} } } });
        return this.#aboutTask(method, params);
      default:
        throw new Refusal(-32601);
    }
  }

  /** Tells of the named tasks until the client goes. */
  listen(id: unknown, params: Members, response: ServerResponse): void {
    const { taskIds = [] } = params['notifications'] as { taskIds?: string[] };
    const known = taskIds.filter((taskId) => this.#tasks.has(taskId));
    const send = (method: string, told: Members): void => {
      const message = { jsonrpc: '2.0', method, params: { ...told, _meta: { [SUBSCRIPTION]: id } } };
      response.write(`data: ${JSON.stringify(message)}\n\n`);
    };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    send('notifications/subscriptions/acknowledged', { notifications: { taskIds: known } });
    const listener = (taskId: string): void => {
      if (known.includes(taskId)) send('notifications/tasks', this.#detailed(taskId));
    };
    this.#listeners.add(listener);
    response.on('close', () => this.#listeners.delete(listener));
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #callTool(params: Members, declared: boolean): Members {
    const {
      name,
      arguments: args = {},
      inputResponses,
    } = params as {
      name: string;
      arguments?: { name?: string; seconds?: number };
      inputResponses?: { user_name?: { content?: { name?: string } } };
    };
    const text = (value: string, isError = false): Members => ({
      resultType: 'complete',
      content: [{ type: 'text', text: value }],
      ...(isError && { isError }),
    });
    if (name === 'greet') return text(`Hello, ${String(args.name)}!`);
    if (name === 'slow_compute' && (!declared || args.seconds === 0)) return text('computed');
    if (!declared) throw new Refusal(-32021, { requiredCapabilities: { extensions: { [EXTENSION]: {} } } });
    switch (name) {
      case 'slow_compute':
        return this.#create({ result: text('computed') }, (args.seconds ?? 1) * 1_000);
      case 'failing_job':
        return this.#create({ result: text('it failed', true) }, 300);
      case 'protocol_error_job':
        return this.#create({ error: { code: -32603, message: 'broken' } }, 300);
      case 'confirm_delete':
        return this.#create({ result: text('deleted') }, undefined, ['confirm']);
      case 'multi_input':
        return this.#create({ result: text('both') }, undefined, ['one', 'two']);
      default:
        if (inputResponses === undefined) {
          return { resultType: 'input_required', inputRequests: { user_name: QUESTION }, requestState: 'round 1' };
        }
        return this.#create({ result: text(`Hello, ${JSON.stringify(inputResponses)}`) }, 300);
    }
  }

  /** @param delay milliseconds until it ends; absent: it ends when its questions are answered */
  #create(end: Members, delay: number | undefined, questions: readonly string[] = []): Members {
    const taskId = randomUUID();
    const now = new Date().toISOString();
    const status = questions.length > 0 ? 'input_required' : 'working';
    const task: Task = {
      state: { taskId, status, createdAt: now, lastUpdatedAt: now, ttlMs: 60_000, pollIntervalMs: 100 },
      inputs: new Map(questions.map((key) => [key, QUESTION])),
      finish: () => this.#set(task, { ...end, status: 'error' in end ? 'failed' : 'completed' }),
    };
    this.#tasks.set(taskId, task);
    if (delay !== undefined) this.#timers.add(setTimeout(() => task.finish(), delay));
    return { resultType: 'task', ...task.state };
  }

  #aboutTask(method: string, params: Members): Members {
    const task = this.#tasks.get(params['taskId'] as string);
    if (task === undefined) throw new Refusal(-32602);
    if (method === 'tasks/get') return { resultType: 'complete', ...this.#detailed(params['taskId'] as string) };
    if (method === 'tasks/cancel') this.#set(task, { status: 'cancelled' });
    else {
      const before = task.inputs.size;
      for (const key of Object.keys(params['inputResponses'] as Members)) task.inputs.delete(key);
      if (before > 0 && task.inputs.size === 0) task.finish();
    }
    return { resultType: 'complete' };
  }

  #detailed(taskId: string): Members {
    const { state, inputs } = this.#tasks.get(taskId) as Task;
    return { ...state, ...(state['status'] === 'input_required' && { inputRequests: Object.fromEntries(inputs) }) };
  }

  #set(task: Task, change: Members): void {
    if (!['working', 'input_required'].includes(task.state['status'] as string)) return;
    task.state = { ...task.state, ...change, lastUpdatedAt: new Date().toISOString() };
    for (const tell of this.#listeners) tell(task.state['taskId'] as string);
  }
}
