import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { ResponseMessage } from '@modelcontextprotocol/sdk/shared/responseMessage.js';
import { CallToolResultSchema, CreateTaskResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { everythingOverHttp, mainOf, spec } from './upstreams.ts';

const RELATED_TASK = 'io.modelcontextprotocol/related-task';
const PUBLIC_ID = /^everything(?:-http)?\.[\w-]+\.[\w-]{22}$/;

const stack = new AsyncDisposableStack();
let served: Served;

beforeAll(async () => {
  const http = await everythingOverHttp();
  stack.defer(() => http.close());
  const args = [mainOf('server-everything'), 'stdio'];
  served = await servePlan([
    spec('everything', { kind: 'stdio', command: process.execPath, args, env: {}, cwd: process.cwd() }),
    http.spec,
  ]);
  stack.defer(() => served.close());
}, 60_000);

afterAll(() => stack.disposeAsync());

interface Connected {
  readonly client: Client;
  /** The tasks that questions named. */
  readonly related: unknown[];
}

async function connect(path: string, isAskable: boolean): Promise<Connected> {
  const capabilities = isAskable ? { elicitation: {} } : {};
  const client = new Client({ name: 'tasks', version: '1' }, { capabilities });
  const related: unknown[] = [];
  if (isAskable) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      related.push(params._meta?.[RELATED_TASK]);
      return { action: 'accept', content: { interpretation: 'snake' } };
    });
  }
  await client.connect(new StreamableHTTPClientTransport(new URL(path, served.url)) as never);
  return { client, related };
}

describe.concurrent.each([
  { path: '/servers/everything/mcp', tool: 'simulate-research-query' },
  { path: '/servers/everything-http/mcp', tool: 'simulate-research-query' },
  { path: '/mcp', tool: 'everything__simulate-research-query' },
  { path: '/mcp', tool: 'everything-http__simulate-research-query' },
])('tasks of a legacy server, $tool at $path', ({ path, tool }) => {
  it('run to their end for a client that can be asked, and ask it', { timeout: 30_000 }, async () => {
    const { client, related } = await connect(path, true);
    expect(client.getServerCapabilities()?.tasks).toEqual({ list: {}, cancel: {}, requests: { tools: { call: {} } } });
    const { tools } = await client.listTools();
    expect(tools.find(({ name }) => name === tool)?.execution).toEqual({ taskSupport: 'required' });

    const stream = client.experimental.tasks.callToolStream(
      { name: tool, arguments: { topic: 'python', ambiguous: true } },
      CallToolResultSchema,
      { task: { ttl: 60_000 } },
    );
    const messages: ResponseMessage<CallToolResult>[] = [];
    for await (const message of stream) messages.push(message);
    const tasks = messages.flatMap((message) => ('task' in message ? [message.task] : []));
    const [{ taskId } = { taskId: '' }] = tasks;
    expect(taskId).toMatch(PUBLIC_ID);
    expect(tasks.every((task) => task.taskId === taskId)).toBe(true);
    expect(tasks.map(({ status }) => status)).toContain('input_required');
    expect(related).toEqual([{ taskId }]);
    expect(messages.at(-1)).toMatchObject({
      type: 'result',
      result: {
        content: [{ text: expect.stringContaining('python (snake)') as string }],
        _meta: { [RELATED_TASK]: { taskId } },
      },
    });

    const listed = await client.experimental.tasks.listTasks();
    expect(listed.tasks.map((task) => [task.taskId, task.status])).toContainEqual([taskId, 'completed']);
    await client.close();
  });

  it('run for a client that cannot be asked, and are cancelled', { timeout: 30_000 }, async () => {
    const { client } = await connect(path, false);
    const { task } = await client.request(
      { method: 'tools/call', params: { name: tool, arguments: { topic: 'x' }, task: { ttl: 60_000 } } },
      CreateTaskResultSchema,
    );
    const { taskId } = task;
    expect(taskId).toMatch(PUBLIC_ID);
    expect(await client.experimental.tasks.cancelTask(taskId)).toMatchObject({ taskId, status: 'cancelled' });
    await expect(client.experimental.tasks.cancelTask(taskId)).rejects.toMatchObject({ code: -32602 });

    const others = await connect(path, true);
    // Its own connection to the server knows nothing of a task that was made on another one.
    for (const id of [taskId, 'unknown', taskId.replace(/.$/, '!')]) {
      await expect(others.client.experimental.tasks.getTask(id)).rejects.toMatchObject({ code: -32602 });
    }
    await Promise.all([client.close(), others.client.close()]);
  });
});
