import { Payload } from '@hostler/kernel';
import type { Era, Exchange, Notification, Outcome } from '@hostler/kernel';
import { editObject, memberBytes, parseBytes, protocolErrors, resultTypeOf } from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import type { Connection } from '@hostler/upstream';
import { mayNameTask, renamedList, renamedRelation, taskIdIn, withTaskId } from './task-bytes.ts';
import type { Rename } from './task-bytes.ts';
import { TaskExchange } from './task-exchange.ts';
import type { TaskWords } from './task-exchange.ts';
import type { TaskNames, TaskUser } from './task-names.ts';
import { taskIdsOf } from './task-filter.ts';
import { isAboutTask, requireDeclaration } from './task-support.ts';

const LISTEN = 'subscriptions/listen';

/** A connection to a server that has tasks. Requests name them as the server does, results as the client knows them. */
export class TaskConnection implements Connection {
  readonly era: Era;
  readonly #inner: Connection;
  readonly #name: string;
  readonly #names: TaskNames;

  constructor(inner: Connection, name: string, names: TaskNames) {
    this.era = inner.era;
    this.#inner = inner;
    this.#name = name;
    this.#names = names;
  }

  get server(): ServerDescription {
    return this.#inner.server;
  }

  request(exchange: Exchange): Promise<Outcome> {
    // Tasks are carried within one era: the two have little in common but the word.
    if (exchange.client.era !== this.era) return this.#pass(exchange);
    if (exchange.request.method === LISTEN) return this.#listen(exchange);
    const words = this.#wordsOf(exchange);
    return this.#inner
      .request(new TaskExchange(exchange, words))
      .then((outcome) => this.#renamed(exchange, outcome, words));
  }

  notify(notification: Notification): void {
    this.#inner.notify(notification);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #pass(exchange: Exchange): Promise<Outcome> {
    const { method } = exchange.request;
    if (isAboutTask(method)) return Promise.reject(protocolErrors.METHOD_NOT_FOUND({ details: { method } }));
    return this.#inner.request(exchange);
  }

  #wordsOf(exchange: Exchange): TaskWords {
    const server = this.#name;
    const { request } = exchange;
    const asked = request.params['taskId'];
    return {
      toClient: (taskId) =>
        taskId === asked
          ? this.#names.claim(userOf(exchange), { server, taskId })
          : this.#names.nameFor(exchange, { server, taskId }),
      toServer: (id) => {
        const place = this.#names.find(exchange, id);
        // An id that is not ours is one of the client's own tasks.
        return place?.server === server ? place.taskId : id;
      },
    };
  }

  /** Only tasks that the client knows are asked for, and it is told of no others. */
  async #listen(exchange: Exchange): Promise<Outcome> {
    const { client, request } = exchange;
    const ids = taskIdsOf(request.params['notifications']);
    if (ids.length > 0) requireDeclaration(client);
    const known = new Map<string, string>();
    for (const id of ids) {
      const place = this.#names.find(exchange, id);
      if (place?.server === this.#name) known.set(id, place.taskId);
    }
    const back = new Map([...known].map(([id, taskId]) => [taskId, id]));
    const words: TaskWords = { toClient: (taskId) => back.get(taskId), toServer: (id) => known.get(id) };
    return this.#inner.request(new TaskExchange(exchange, words));
  }

  #renamed(exchange: Exchange, outcome: Outcome, words: TaskWords): Outcome {
    const bytes = outcome.payload.bytes();
    const { method, params } = exchange.request;
    if (outcome.kind === 'error') return this.#renamedError(exchange, outcome, words);
    if (!mayNameTask(bytes)) return outcome;
    const { toClient } = words;
    const user = userOf(exchange);
    switch (method) {
      case 'tasks/list':
        return withBytes(outcome, renamedList(bytes, toClient));
      case 'tasks/get':
      case 'tasks/cancel':
        return withBytes(outcome, renamedState(bytes, toClient));
      case 'tools/call':
        return withBytes(outcome, renamedRelation(this.#renamedCreation(bytes, params, user), toClient));
      default:
        return withBytes(outcome, renamedRelation(bytes, toClient));
    }
  }

  #renamedTask(task: Uint8Array, user: TaskUser): Uint8Array {
    const taskId = taskIdIn(task);
    if (taskId === undefined) return task;
    return withTaskId(task, this.#names.claim(user, { server: this.#name, taskId }));
  }

  /** A task in the place of a result: a legacy server gives one only to who asks for it. */
  #renamedCreation(result: Uint8Array, params: Exchange['request']['params'], user: TaskUser): Uint8Array {
    if (this.era === 'modern') {
      return resultTypeOf(Payload.ofBytes(result)) === 'task' ? this.#renamedTask(result, user) : result;
    }
    const task = params['task'] === undefined ? undefined : memberBytes(result, 'task');
    return task === undefined ? result : editObject(result, { set: { task: this.#renamedTask(task, user) } });
  }

  /** Servers like to repeat the id that they do not know. */
  #renamedError({ request }: Exchange, outcome: Outcome, { toClient }: TaskWords): Outcome {
    const { taskId } = request.params;
    const bytes = outcome.payload.bytes();
    const member = typeof taskId === 'string' && taskId !== '' ? memberBytes(bytes, 'message') : undefined;
    const message = member && parseBytes(member);
    if (typeof taskId !== 'string' || typeof message !== 'string' || !message.includes(taskId)) return outcome;
    const renamed = message.replaceAll(taskId, () => toClient(taskId) ?? '');
    return withBytes(outcome, editObject(bytes, { set: { message: JSON.stringify(renamed) } }));
  }
}

function renamedState(task: Uint8Array, rename: Rename): Uint8Array {
  const taskId = taskIdIn(task);
  const renamed = taskId === undefined ? undefined : rename(taskId);
  return renamed === undefined ? task : withTaskId(task, renamed);
}

function userOf({ consumer, client, scope }: Exchange): TaskUser {
  return { consumer, scope, sessionId: client.session?.id };
}

function withBytes(outcome: Outcome, bytes: Uint8Array): Outcome {
  return { ...outcome, payload: Payload.ofBytes(bytes) };
}
