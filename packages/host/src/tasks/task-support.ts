import { isJsonObject } from '@hostler/kernel';
import type { Client, Era, Json } from '@hostler/kernel';
import type { ServerDescription } from '@hostler/protocol';
import { taskErrors } from './task-errors.ts';

/** Source: the tasks extension (2026-07-28). */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** Source: MCP 2025-11-25, basic/utilities/tasks. */
export const RELATED_TASK = 'io.modelcontextprotocol/related-task';

type Described = Pick<ServerDescription, 'era' | 'capabilities'>;

/** Whether a server announces tasks, in the way of its era. */
export function hasTasks({ era, capabilities }: Described): boolean {
  return era === 'legacy' ? capabilities['tasks'] !== undefined : extensionOf(capabilities['extensions']) !== undefined;
}

/** Whether a legacy server announces one of the optional requests about tasks. */
export function offers({ era, capabilities }: Described, request: 'list' | 'cancel'): boolean {
  const { tasks } = capabilities;
  return era === 'legacy' && isJsonObject(tasks) && tasks[request] !== undefined;
}

/** @throws TASK_NOT_DECLARED for a modern client that does not declare the extension with its request */
export function requireDeclaration(client: Client): void {
  if (client.era === 'legacy' || declaresTasks(client)) return;
  throw taskErrors.NOT_DECLARED({ details: { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } } });
}

function declaresTasks({ capabilities }: Client): boolean {
  return extensionOf(capabilities['extensions']) !== undefined;
}

function extensionOf(extensions: Json | undefined): Json | undefined {
  return isJsonObject(extensions) ? extensions[TASKS_EXTENSION] : undefined;
}

/** What the host announces of tasks when these are its servers; empty when none of that era has any. */
export function announcedTasks(servers: readonly Described[], era: Era): { readonly [capability: string]: Json } {
  const able = servers.filter((server) => server.era === era && hasTasks(server));
  if (able.length === 0) return {};
  if (era === 'modern') return { extensions: { [TASKS_EXTENSION]: {} } };
  const has = (request: 'list' | 'cancel'): object =>
    able.some((server) => offers(server, request)) ? { [request]: {} } : {};
  return { tasks: { ...has('list'), ...has('cancel'), requests: { tools: { call: {} } } } };
}

/** The requests that name one task. */
export function isAboutTask(method: string): boolean {
  return ABOUT_TASK.has(method);
}

const ABOUT_TASK: ReadonlySet<string> = new Set(['tasks/get', 'tasks/result', 'tasks/cancel', 'tasks/update']);
