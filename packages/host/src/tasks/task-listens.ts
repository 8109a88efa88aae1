import type { Exchange, JsonObject, Logger, Notification } from '@hostler/kernel';
import { untilAborted } from '@hostler/upstream';
import type { Pool } from '@hostler/upstream';
import { createExchange } from '../exchange.ts';
import { taskIdsOf } from './task-filter.ts';
import type { Views } from '../views.ts';
import type { TaskNames } from './task-names.ts';
import { requireDeclaration } from './task-support.ts';

export interface TaskListensOptions {
  readonly pool: Pool;
  readonly names: TaskNames;
  readonly views: Views;
  readonly log: Logger;
}

/** What is heard of the tasks that one `subscriptions/listen` names. */
export interface HeardTasks {
  /** The ids that servers agreed to tell of, in the order they were asked for. */
  readonly taskIds: readonly string[];
  stop(): void;
}

/** Tasks that one request may name. */
const MAX_TASKS = 256;

/** Listens to the tasks of several servers for one client: each has those that it made. */
export async function listenToTasks(
  { pool, names, views, log }: TaskListensOptions,
  exchange: Exchange,
  onNotification: (notification: Notification) => void,
): Promise<HeardTasks> {
  const asked = taskIdsOf(exchange.request.params['notifications']).slice(0, MAX_TASKS);
  // Towards one server the request goes there as it is.
  if (asked.length === 0 || exchange.scope.kind === 'server') return { taskIds: [], stop: () => {} };
  requireDeclaration(exchange.client);
  const controller = new AbortController();
  const signal = AbortSignal.any([exchange.signal, controller.signal]);

  /** @returns the ids that the server agreed to, once it has said so */
  async function listen(server: string, taskIds: readonly string[]): Promise<readonly string[]> {
    const acknowledged = Promise.withResolvers<readonly string[]>();
    const receive = ({ method, params }: Notification): void => {
      if (!views.mayHear(exchange, server)) return;
      if (method !== 'notifications/subscriptions/acknowledged') onNotification({ method, params: params ?? {} });
      else acknowledged.resolve(taskIdsOf(params?.['notifications']));
    };
    try {
      const connection = await pool.connection(server, exchange);
      const request = listenExchange(exchange, { taskIds, signal, receive });
      const ended = connection.request(request).then(() => []);
      ended.catch((error: unknown) => log.debug({ server, error }, 'a subscription to tasks ended'));
      return await Promise.race([acknowledged.promise, ended]);
    } catch (error) {
      log.debug({ server, error }, 'the tasks of a server were left out of a subscription');
      return [];
    }
  }

  const seen = [...byServer(exchange, asked, names)].filter(([server]) => views.mayHear(exchange, server));
  const heard = Promise.all(seen.map(([server, ids]) => listen(server, ids)));
  try {
    const agreed = new Set((await untilAborted(exchange.signal, heard)).flat());
    return { taskIds: asked.filter((id) => agreed.has(id)), stop: () => controller.abort(stopped()) };
  } catch (error) {
    controller.abort(stopped());
    throw error;
  }
}

interface ListenOptions {
  readonly taskIds: readonly string[];
  readonly signal: AbortSignal;
  readonly receive: (notification: Notification) => void;
}

function listenExchange({ consumer, client, scope }: Exchange, { taskIds, signal, receive }: ListenOptions): Exchange {
  const params: JsonObject = { notifications: { taskIds } };
  return createExchange({
    method: 'subscriptions/listen',
    params,
    scope,
    consumer,
    client,
    signal,
    onNotification: receive,
  });
}

function byServer(exchange: Exchange, taskIds: readonly string[], names: TaskNames): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const id of taskIds) {
    const server = names.find(exchange, id)?.server;
    if (server !== undefined) groups.set(server, [...(groups.get(server) ?? []), id]);
  }
  return groups;
}

function stopped(): DOMException {
  return new DOMException('The subscription is no longer needed', 'AbortError');
}
