import { isJsonObject } from '@hostler/kernel';
import type { ClientAnswer, ClientRequest, Exchange, Json, McpRequest, Notification } from '@hostler/kernel';
import { RoutedExchange } from '@hostler/upstream';
import { withRenamedRelation } from './task-bytes.ts';
import type { Rename } from './task-bytes.ts';
import { renamedAcknowledgement, withRenamedFilter } from './task-filter.ts';

/** How the ids of one server's tasks and those that one client knows become each other. */
export interface TaskWords {
  readonly toClient: Rename;
  readonly toServer: Rename;
}

/** An exchange with a server that has tasks: what the server says on the way names them as the client knows them. */
export class TaskExchange extends RoutedExchange {
  readonly #words: TaskWords;

  constructor(inner: Exchange, words: TaskWords) {
    super(inner, renamedRequest(inner.request, words));
    this.#words = words;
  }

  override notify(notification: Notification): void {
    const { toClient } = this.#words;
    const renamed = renamedNotification(notification, toClient);
    if (renamed !== undefined) super.notify(renamedAcknowledgement(renamed, toClient));
  }

  /** Any result may name a task, at any place. */
  override largeResult(): undefined {
    return undefined;
  }

  override async ask(request: ClientRequest, signal?: AbortSignal): Promise<ClientAnswer> {
    return answeredIn(this.#words, await super.ask(renamedQuestion(request, this.#words), signal));
  }
}

function renamedRequest(request: McpRequest, { toServer }: TaskWords): McpRequest {
  const { method, params } = request;
  return method === 'subscriptions/listen' ? { method, params: withRenamedFilter(params, toServer) } : request;
}

/** Undefined for the state of a task that is not the client's. */
export function renamedNotification({ method, params }: Notification, rename: Rename): Notification | undefined {
  if (params === undefined) return { method };
  if (method !== 'notifications/tasks/status' && method !== 'notifications/tasks') {
    const renamed = withRenamedRelation(params, rename);
    return renamed === params ? { method, params } : { method, params: renamed ?? {} };
  }
  const taskId = typeof params['taskId'] === 'string' ? rename(params['taskId']) : undefined;
  return taskId === undefined ? undefined : { method, params: { ...withRenamedRelation(params, rename), taskId } };
}

export function renamedQuestion({ method, params }: ClientRequest, { toClient }: TaskWords): ClientRequest {
  const renamed = withRenamedRelation(params, toClient);
  return renamed === undefined ? { method } : { method, params: renamed };
}

/** Source: MCP 2025-11-25, basic/utilities/tasks: the answer names the task of its question. */
export function answeredIn({ toServer }: TaskWords, answer: ClientAnswer): ClientAnswer {
  if (answer.kind === 'error' || !isJsonObject(answer.result)) return answer;
  const result: Json = withRenamedRelation(answer.result, toServer) ?? answer.result;
  return { kind: 'result', result };
}
