import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { callModern, openModern, startProcess } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { serveTasks } from './task-server.ts';
import type { TaskServer } from './task-server.ts';
import { spec } from './upstreams.ts';

const suite = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);

let upstream: TaskServer;
let served: Served;

beforeAll(async () => {
  upstream = await serveTasks();
  served = await servePlan([spec('tasks', { kind: 'http', url: upstream.url, headers: {} })]);
});

afterAll(async () => {
  await served?.close();
  await upstream?.close();
});

const capabilities = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };

/** They are extensions, so the suite scores none of them. */
const scenarios = [
  'tasks-lifecycle',
  'tasks-capability-negotiation',
  'tasks-wire-fields',
  'tasks-request-state-removal',
  'tasks-mrtr-input',
  'tasks-request-headers',
  'tasks-dispatch-and-envelope',
  'tasks-required-task-error',
  'tasks-mrtr-composition',
];

describe('tasks of a modern server', () => {
  it.concurrent.each(scenarios)('pass %s of the official suite', { timeout: 60_000 }, async (scenario) => {
    const url = `${served.url}/servers/tasks/mcp`;
    const parameters = ['server', '--url', url, '--scenario', scenario, '--spec-version', '2026-07-28', '--force'];
    await using run = await startProcess(process.execPath, [suite, ...parameters]);
    const { code } = await run.exited;
    await run.stdout.ended;
    expect(run.stdout.text() + run.stderr.text()).toMatch(
      /Passed: (?<count>[1-9]\d*)\/\k<count>, 0 failed, 0 warnings/,
    );
    expect(code).toBe(0);
  });

  it.each([
    { path: '/servers/tasks/mcp', tool: 'confirm_delete' },
    { path: '/mcp', tool: 'tasks__confirm_delete' },
  ])('are asked for, answered and heard of at $path', async ({ path, tool }) => {
    const url = `${served.url}${path}`;
    const call = async (method: string, params: Record<string, unknown>) => {
      const { messages } = await callModern(url, method, params, { capabilities });
      return messages.at(-1)?.result;
    };
    expect((await call('server/discover', {}))?.['capabilities']).toMatchObject({
      extensions: capabilities.extensions,
    });
    const task = await call('tools/call', { name: tool, arguments: {} });
    const taskId = String(task?.['taskId']);
    expect(taskId).toMatch(/^tasks\.[\w-]+\.[\w-]{22}$/);
    expect(await call('tasks/get', { taskId })).toMatchObject({ taskId, status: 'input_required' });

    const filter = { notifications: { taskIds: [taskId, 'tasks.bm9uZQ.AAAAAAAAAAAAAAAAAAAAAA'] } };
    await using listening = await openModern(url, 'subscriptions/listen', filter, { capabilities, id: 'mine' });
    expect((await listening.nextMessage()).params).toMatchObject({ notifications: { taskIds: [taskId] } });
    expect(await call('tasks/update', { taskId, inputResponses: { confirm: { action: 'accept' } } })).toMatchObject({
      resultType: 'complete',
    });
    expect(await listening.nextMessage()).toMatchObject({
      method: 'notifications/tasks',
      params: { taskId, status: 'completed', _meta: { 'io.modelcontextprotocol/subscriptionId': 'mine' } },
    });

    // The server is addressed by the id that it gave.
    const [, encoded = ''] = taskId.split('.');
    const own = Buffer.from(encoded, 'base64url').toString();
    expect(upstream.names).toEqual(expect.arrayContaining([`tasks/get ${own}`, `tasks/update ${own}`]));
    expect(upstream.names.join()).not.toContain(taskId);
  });
});
