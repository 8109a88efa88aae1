import { isHostlerError, Payload } from '@hostler/kernel';
import type { Client, ClientRequest, Era, Exchange, Json, JsonObject, Notification, Outcome } from '@hostler/kernel';
import type { Connection, ConnectionUser, Pool, PoolEvent } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { createExchange } from '../exchange.ts';
import { createHost } from '../create-host.ts';
import type { HostEvent } from '../host.ts';
import { announcedTasks, RELATED_TASK, TASKS_EXTENSION } from './task-support.ts';

type Answering = (exchange: Exchange) => JsonObject | Promise<JsonObject>;

const LEGACY_TASKS = { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } };
const MODERN_TASKS = { extensions: { [TASKS_EXTENSION]: {} } };

/** A server that answers with what it is given; `error` makes it an error. */
function serverOf(era: Era, capabilities: JsonObject, answer: Answering): Connection & { readonly seen: Exchange[] } {
  const seen: Exchange[] = [];
  return {
    era,
    seen,
    server: { era, revisions: [], info: {}, capabilities: { tools: {}, ...capabilities } },
    async request(exchange): Promise<Outcome> {
      seen.push(exchange);
      const { error, ...result } = await answer(exchange);
      const text = JSON.stringify(error ?? result);
      return { kind: error === undefined ? 'result' : 'error', era, payload: Payload.ofBytes(Buffer.from(text)) };
    },
    notify: () => {},
    close: () => Promise.resolve(),
  };
}

function hostOf(servers: Readonly<Record<string, Connection>>) {
  const users: ConnectionUser[] = [];
  let listener: (event: PoolEvent) => void = () => {};
  const pool = {
    states: () =>
      Object.entries(servers).map(([name, { server }]) => ({
        name,
        status: 'up',
        phase: 'ready',
        required: false,
        restarts: 0,
        server,
      })),
    names: () => Object.keys(servers),
    state: (name: string) => pool.states().find((state) => state.name === name),
    spec: (name: string) => (Object.hasOwn(servers, name) ? { name, transport: { kind: 'in-process' } } : undefined),
    credentialsOf: () => '',
    source: () => '',
    connection(name: string, user: ConnectionUser) {
      users.push(user);
      return servers[name];
    },
    onEvent(added: (event: PoolEvent) => void) {
      listener = added;
      return () => {};
    },
  } as unknown as Pool;
  const silent = () => {};
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const host = createHost({ pool, log, clock: { now: () => 0, after: () => silent }, taskKey: Buffer.alloc(32, 1) });
  const events: HostEvent[] = [];
  host.onEvent((event) => events.push(event));
  return { host, users, events, emit: (event: PoolEvent) => listener(event) };
}

const legacy: Client = { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {} };
const modern: Client = { era: 'modern', protocolVersion: '2026-07-28', capabilities: MODERN_TASKS };

interface Asking {
  readonly consumer?: string;
  readonly client?: Client;
  readonly server?: string;
  readonly onNotification?: (notification: Notification) => void;
  readonly onAsk?: Exchange['ask'];
}

function exchangeOf(method: string, params: JsonObject, asking: Asking = {}): Exchange {
  const { consumer = 'alice', client = legacy, server, ...others } = asking;
  return createExchange({
    method,
    params,
    scope: server === undefined ? { kind: 'all' } : { kind: 'server', name: server },
    consumer: { name: consumer },
    client,
    signal: new AbortController().signal,
    ...others,
  });
}

const valueOf = async (outcome: Promise<Outcome>): Promise<JsonObject> => (await outcome).payload.value() as JsonObject;

async function refusalOf(outcome: Promise<Outcome>): Promise<Json> {
  const thrown = await outcome.then(
    () => undefined,
    (error: unknown) => error,
  );
  return isHostlerError(thrown)
    ? { code: thrown.code, rpc: thrown.kind.rpc, text: thrown.message, ...thrown.details }
    : null;
}

const call = { name: 'slow', arguments: {}, task: { ttl: 1 } };
const created = (taskId: string): JsonObject => ({ task: { taskId, status: 'working', n: 1 } });
const UNKNOWN = { code: 'TASK_UNKNOWN', rpc: -32602, text: 'Task not found.' };

/** A legacy server with one task at a time, named by its caller. */
function legacyServer(state: { taskId: string } = { taskId: 'raw-task-1' }) {
  return serverOf('legacy', LEGACY_TASKS, ({ request: { method, params } }) => {
    const { taskId } = state;
    switch (method) {
      case 'tools/call':
        return created(taskId);
      case 'tasks/get':
      case 'tasks/cancel':
        if (params['taskId'] === taskId) return { taskId, status: 'completed' };
        return { error: { code: -32602, message: `Task ${params['taskId'] as string} is gone` } };
      case 'tasks/result':
        return {
          content: [{ type: 'text', text: `"taskId":"${taskId}"` }],
          _meta: { a: 1, [RELATED_TASK]: { taskId, b: 2 } },
        };
      default:
        return { tasks: [{ taskId, status: 'working' }, { taskId: 'of somebody else' }] };
    }
  });
}

async function createTask(
  host: ReturnType<typeof hostOf>['host'],
  asking: Asking & { server: string },
): Promise<string> {
  const { task } = await valueOf(host.dispatch(exchangeOf('tools/call', call, asking)));
  return (task as JsonObject)['taskId'] as string;
}

describe('tasks of a legacy server', () => {
  it('have public ids wherever they are named, and their own ones towards the server', async () => {
    const one = legacyServer();
    const { host } = hostOf({ one });
    const asking = { server: 'one' };
    const taskId = await createTask(host, asking);
    expect(taskId).toMatch(/^one\./);

    for (const method of ['tasks/get', 'tasks/cancel']) {
      expect(await valueOf(host.dispatch(exchangeOf(method, { taskId }, asking)))).toEqual({
        taskId,
        status: 'completed',
      });
    }
    expect(await valueOf(host.dispatch(exchangeOf('tasks/result', { taskId }, asking)))).toEqual({
      content: [{ type: 'text', text: '"taskId":"raw-task-1"' }],
      _meta: { a: 1, [RELATED_TASK]: { taskId, b: 2 } },
    });
    expect(await valueOf(host.dispatch(exchangeOf('tasks/list', {}, asking)))).toEqual({
      tasks: [{ taskId, status: 'working' }],
    });
    expect(one.seen.map(({ request }) => request.params['taskId'])).toEqual([
      undefined,
      'raw-task-1',
      'raw-task-1',
      'raw-task-1',
      undefined,
    ]);
  });

  it('are reached at the endpoint of the whole host too', async () => {
    const { host } = hostOf({ one: legacyServer(), two: legacyServer({ taskId: 'raw-task-2' }) });
    const [first, second] = [await createTask(host, { server: 'one' }), await createTask(host, { server: 'two' })];
    for (const taskId of [first, second]) {
      expect(await valueOf(host.dispatch(exchangeOf('tasks/get', { taskId })))).toEqual({
        taskId,
        status: 'completed',
      });
    }
  });

  it('belong to their consumer: a foreign, altered or unknown id gets one and the same refusal', async () => {
    const one = legacyServer();
    const { host } = hostOf({ one, two: legacyServer() });
    const taskId = await createTask(host, { server: 'one' });
    const asked = one.seen.length;
    const refusals = [];
    for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
      for (const [id, asking] of [
        [taskId, { server: 'one', consumer: 'bob' }],
        [taskId, { consumer: 'bob' }],
        [`${taskId.slice(0, -1)}!`, { server: 'one' }],
        ['one.bm9uZQ.AAAAAAAAAAAAAAAAAAAAAA', { server: 'one' }],
        ['raw-task-1', { server: 'one' }],
        ['raw-task-1', {}],
        [taskId, { server: 'two' }],
        [7, {}],
      ] as const) {
        refusals.push(await refusalOf(host.dispatch(exchangeOf(method, { taskId: id }, asking))));
      }
    }
    expect(refusals).toEqual(refusals.map(() => UNKNOWN));
    expect(one.seen.length).toBe(asked);
  });

  it('are listed to who made them alone, though they share a connection', async () => {
    const state = { taskId: 'of alice' };
    const { host } = hostOf({ one: legacyServer(state) });
    const alices = await createTask(host, { server: 'one' });
    state.taskId = 'of somebody else';
    const bobs = await createTask(host, { server: 'one', consumer: 'bob' });
    const list = async (consumer: string) =>
      (await valueOf(host.dispatch(exchangeOf('tasks/list', {}, { server: 'one', consumer }))))[
        'tasks'
      ] as JsonObject[];
    expect((await list('bob')).map(({ taskId }) => taskId)).toEqual([bobs, bobs]);
    expect(await list('carol')).toEqual([]);
    state.taskId = 'of alice';
    expect((await list('alice')).map(({ taskId }) => taskId)).toEqual([alices]);
  });

  it('are named as the client knows them in what the server says of them, or not at all', async () => {
    const { host } = hostOf({ one: legacyServer() });
    const taskId = await createTask(host, { server: 'one' });
    expect(await valueOf(host.dispatch(exchangeOf('tasks/get', { taskId }, { server: 'one' })))).toMatchObject({
      taskId,
    });

    const gone = legacyServer({ taskId: 'another' });
    const later = hostOf({ one: gone }).host;
    const answer = await later.dispatch(exchangeOf('tasks/get', { taskId }, { server: 'one' }));
    expect(answer.kind).toBe('error');
    expect(answer.payload.value()).toEqual({ code: -32602, message: `Task ${taskId} is gone` });
  });

  it('are named as the client knows them in progress, states and questions on the way', async () => {
    const raw = 'raw-task-1';
    const related = (taskId: string) => ({ _meta: { [RELATED_TASK]: { taskId } } });
    const answers: JsonObject[] = [];
    const one = serverOf('legacy', LEGACY_TASKS, async (exchange) => {
      if (exchange.request.method === 'tools/call') return created(raw);
      exchange.notify({ method: 'notifications/progress', params: { progress: 1, ...related(raw) } });
      exchange.notify({ method: 'notifications/tasks/status', params: { taskId: raw, status: 'working' } });
      exchange.notify({ method: 'notifications/tasks/status', params: { taskId: 'foreign', status: 'working' } });
      exchange.notify({ method: 'notifications/message', params: { level: 'info', ...related('foreign') } });
      answers.push((await exchange.ask({ method: 'elicitation/create', params: related(raw) })) as never);
      return { content: [] };
    });
    const { host } = hostOf({ one });
    const taskId = await createTask(host, { server: 'one' });
    const told: Notification[] = [];
    const asked: ClientRequest[] = [];
    const asking: Asking = {
      server: 'one',
      onNotification: (notification) => told.push(notification),
      onAsk(request) {
        asked.push(request);
        return Promise.resolve({ kind: 'result', result: { action: 'accept', ...related(taskId) } });
      },
    };
    await host.dispatch(exchangeOf('tasks/result', { taskId }, asking));
    expect(told).toEqual([
      { method: 'notifications/progress', params: { progress: 1, ...related(taskId) } },
      { method: 'notifications/tasks/status', params: { taskId, status: 'working' } },
      { method: 'notifications/message', params: { level: 'info', _meta: {} } },
    ]);
    expect(asked).toEqual([{ method: 'elicitation/create', params: related(taskId) }]);
    expect(answers).toEqual([{ kind: 'result', result: { action: 'accept', ...related(raw) } }]);
  });

  it('tell their state to the session that has them', async () => {
    const { host, users, events, emit } = hostOf({ one: legacyServer() });
    const session = {
      id: 's-1',
      notify: (n: Notification) => direct.push(n),
      ask: () => Promise.reject(new Error('no')),
    };
    const direct: Notification[] = [];
    const taskId = await createTask(host, { server: 'one', client: { ...legacy, session } });
    const state = (id: string): Notification => ({
      method: 'notifications/tasks/status',
      params: { taskId: id, status: 'failed' },
    });
    // Over a connection that others share, and over one of the client's own.
    for (const id of ['raw-task-1', 'foreign']) {
      emit({ kind: 'notification', server: 'one', notification: state(id), source: 'shared' } as PoolEvent);
      users.at(-1)?.client.session?.notify(state(id));
    }
    // Over the credentials of another caller, whose tasks may have the same ids.
    const foreign = { kind: 'notification', server: 'one', notification: state('raw-task-1'), source: 'bob/shared' };
    emit(foreign as PoolEvent);
    emit({ ...foreign, sessionId: 's-2' } as PoolEvent);
    expect(events).toEqual([{ server: 'one', notification: state(taskId), sessionId: 's-1' }]);
    expect(direct).toEqual([state(taskId)]);
  });

  it('are none of a plain result, whatever is in it', async () => {
    const result = { task: { taskId: 'x' }, structuredContent: { taskId: 'x' }, content: [] };
    const { host } = hostOf({ one: serverOf('legacy', LEGACY_TASKS, () => result) });
    const { task: _, ...plain } = call;
    expect(await valueOf(host.dispatch(exchangeOf('tools/call', plain, { server: 'one' })))).toEqual(result);
  });

  it('leave a server without tasks alone', async () => {
    const plain = serverOf('legacy', {}, () => created('raw'));
    const { host } = hostOf({ plain });
    const exchange = exchangeOf('tools/call', call, { server: 'plain' });
    expect(await valueOf(host.dispatch(exchange))).toEqual(created('raw'));
    expect(plain.seen[0]).toBe(exchange);
    for (const asking of [{}, { server: 'plain' }]) {
      const refusal = await refusalOf(host.dispatch(exchangeOf('tasks/get', { taskId: 'raw' }, asking)));
      expect(refusal).toMatchObject({ code: 'PROTOCOL_METHOD_NOT_FOUND' });
    }
    expect(await refusalOf(host.dispatch(exchangeOf('tasks/list', {})))).toMatchObject({
      code: 'PROTOCOL_METHOD_NOT_FOUND',
    });
  });
});

describe('the list of the tasks of all servers', () => {
  /** Has a task on each of its pages. */
  const paged = (pages: number) =>
    serverOf('legacy', LEGACY_TASKS, ({ request: { method, params } }) => {
      if (method === 'tools/call') return created(params['name'] as string);
      const page = Number(params['cursor'] ?? '1');
      return {
        tasks: pages === 0 ? [] : [{ taskId: `task ${page}` }],
        ...(page < pages ? { nextCursor: String(page + 1) } : {}),
      };
    });

  it('goes from page to page and from server to server', async () => {
    const failing = serverOf('legacy', LEGACY_TASKS, () => Promise.reject(new Error('down')));
    const cannotList = serverOf('legacy', { tasks: {} }, () => ({ tasks: [{ taskId: 'x' }] }));
    const { host } = hostOf({
      failing,
      one: paged(2),
      none: paged(0),
      cannotList,
      plain: serverOf('legacy', {}, () => ({})),
      two: paged(1),
    });
    for (const [server, name] of [
      ['one', 'task 1'],
      ['one', 'task 2'],
      ['two', 'task 1'],
    ] as const) {
      await host.dispatch(exchangeOf('tools/call', { ...call, name }, { server }));
    }
    const found: string[] = [];
    const cursors: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await valueOf(host.dispatch(exchangeOf('tasks/list', cursor === undefined ? {} : { cursor })));
      for (const { taskId } of page['tasks'] as JsonObject[]) found.push((taskId as string).replace(/\.[^.]*$/, ''));
      cursor = page['nextCursor'] as string | undefined;
      cursors.push(cursor);
    } while (cursor !== undefined);
    expect(found).toEqual(['one.dGFzayAx', 'one.dGFzayAy', 'two.dGFzayAx']);
    expect(cursors).toEqual(['one.Mg', 'none', undefined]);
  });

  it('takes no cursor that it did not give', async () => {
    const { host } = hostOf({ one: paged(1) });
    for (const cursor of ['other', '', '.Mg', 7]) {
      expect(await refusalOf(host.dispatch(exchangeOf('tasks/list', { cursor })))).toMatchObject({ rpc: -32602 });
    }
  });
});

describe('tasks of a modern server', () => {
  const server = () =>
    serverOf('modern', MODERN_TASKS, ({ request: { method } }) => {
      if (method === 'tools/call') return { resultType: 'task', taskId: 'raw-1', status: 'working' };
      if (method === 'tasks/get') return { resultType: 'complete', taskId: 'raw-1', result: { taskId: 'raw-1' } };
      return { resultType: 'complete' };
    });

  it('have public ids, and their own ones towards the server', async () => {
    const one = server();
    const { host } = hostOf({ one });
    const asking = { server: 'one', client: modern };
    const { taskId } = await valueOf(host.dispatch(exchangeOf('tools/call', { name: 'slow' }, asking)));
    expect(taskId).toMatch(/^one\./);
    for (const scope of [asking, { client: modern }]) {
      expect(await valueOf(host.dispatch(exchangeOf('tasks/get', { taskId }, scope)))).toEqual({
        resultType: 'complete',
        taskId,
        result: { taskId: 'raw-1' },
      });
      const update = exchangeOf('tasks/update', { taskId, inputResponses: { a: {} } }, scope);
      expect(await valueOf(host.dispatch(update))).toEqual({ resultType: 'complete' });
      expect(one.seen.at(-1)?.request.params).toEqual({ taskId: 'raw-1', inputResponses: { a: {} } });
    }
  });

  it('are for clients that declare the extension', async () => {
    const { host } = hostOf({ one: server() });
    const client = { ...modern, capabilities: {} };
    expect(await refusalOf(host.dispatch(exchangeOf('tasks/get', { taskId: 'x' }, { client })))).toMatchObject({
      rpc: -32021,
      requiredCapabilities: MODERN_TASKS,
    });
    expect(await refusalOf(host.dispatch(exchangeOf('tasks/get', { taskId: 'x' }, { client: modern })))).toEqual(
      UNKNOWN,
    );
  });

  it.each([{ server: 'one' }, {}])('tell of their state to who listens, at %j', async (scope) => {
    const state = (taskId: string): Notification => ({
      method: 'notifications/tasks',
      params: { taskId, status: 'failed' },
    });
    const telling = (raw: string) =>
      serverOf('modern', MODERN_TASKS, async (exchange) => {
        const { request, signal } = exchange;
        const { method, params } = request;
        if (method === 'tools/call') return { resultType: 'task', taskId: raw };
        const { taskIds } = params['notifications'] as JsonObject;
        exchange.notify({ method: 'notifications/subscriptions/acknowledged', params: { notifications: { taskIds } } });
        for (const id of taskIds as string[]) exchange.notify(state(id));
        exchange.notify(state('of nobody'));
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
        return {};
      });
    const one = telling('raw-1');
    const { host } = hostOf({ one, two: telling('raw-2') });
    const ids = [];
    for (const server of ['one', 'two']) {
      ids.push(
        (await valueOf(host.dispatch(exchangeOf('tools/call', { name: 'x' }, { server, client: modern }))))['taskId'],
      );
    }
    const expected = 'server' in scope ? ids.slice(0, 1) : ids;
    const told: Notification[] = [];
    const controller = new AbortController();
    const enough = Promise.withResolvers<void>();
    const exchange = {
      ...exchangeOf(
        'subscriptions/listen',
        { notifications: { taskIds: [...ids, 'unknown', ids[0] ?? ''] as Json } },
        { ...scope, client: modern },
      ),
      signal: controller.signal,
      notify(notification: Notification) {
        if (told.push(notification) === 1 + expected.length) enough.resolve();
      },
    };
    const listening = host.dispatch(exchange).catch((error: unknown) => error);
    await enough.promise;
    expect(told[0]).toEqual({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { taskIds: expected } },
    });
    expect(told.slice(1)).toEqual(expected.map((id) => state(id as string)));
    expect(one.seen.at(-1)?.request.params).toEqual({ notifications: { taskIds: ['raw-1'] } });
    controller.abort(new Error('gone'));
    expect(await listening).toMatchObject({ message: 'gone' });
    expect(one.seen.at(-1)?.signal.aborted).toBe(true);
  });

  it.each([{ server: 'one' }, {}])(
    'tell nothing to a client that does not declare the extension, at %j',
    async (scope) => {
      const { host } = hostOf({ one: server() });
      const listen = exchangeOf(
        'subscriptions/listen',
        { notifications: { taskIds: ['x'] } },
        { ...scope, client: { ...modern, capabilities: {} } },
      );
      expect(await refusalOf(host.dispatch(listen))).toMatchObject({ rpc: -32021 });
    },
  );

  it.each(['tasks/list', 'tasks/result'])('have no %s', async (method) => {
    const { host } = hostOf({ one: server() });
    expect(await refusalOf(host.dispatch(exchangeOf(method, {}, { client: modern })))).toMatchObject({ rpc: -32601 });
  });

  it('are nothing to a client of the other era', async () => {
    const { host } = hostOf({ one: server(), old: legacyServer() });
    const { taskId } = await valueOf(
      host.dispatch(exchangeOf('tools/call', { name: 'x' }, { server: 'one', client: modern })),
    );
    for (const asking of [{}, { server: 'one' }]) {
      expect(await refusalOf(host.dispatch(exchangeOf('tasks/get', { taskId }, asking)))).toMatchObject({
        rpc: -32601,
      });
    }
  });
});

describe('what tools say of running as tasks', () => {
  const tool = { name: 'slow', inputSchema: { type: 'object' }, execution: { taskSupport: 'required' } };
  const { execution: _, ...plain } = tool;

  it.each<[Era, Era, JsonObject]>([
    ['legacy', 'legacy', tool],
    ['legacy', 'modern', plain],
    ['modern', 'legacy', plain],
  ])('of a %s server reaches a %s client where it has a meaning', async (era, clientEra, expected) => {
    const { host } = hostOf({ one: serverOf(era, {}, () => ({ tools: [tool] })) });
    const client = clientEra === 'legacy' ? legacy : modern;
    const { tools } = await valueOf(host.dispatch(exchangeOf('tools/list', {}, { client })));
    expect(tools).toEqual([{ ...expected, name: 'one__slow' }]);
  });
});

describe('announcedTasks', () => {
  const described = (era: Era, capabilities: JsonObject) => ({ era, capabilities });

  it.each<[string, ReturnType<typeof described>[], Era, JsonObject]>([
    ['nothing', [], 'legacy', {}],
    ['nothing of servers of the other era', [described('modern', MODERN_TASKS)], 'legacy', {}],
    ['nothing of servers of the other era', [described('legacy', LEGACY_TASKS)], 'modern', {}],
    ['nothing of other extensions', [described('modern', { extensions: { other: {} } })], 'modern', {}],
    [
      'only the requests that a server has',
      [described('legacy', { tasks: {} }), described('legacy', { tasks: { cancel: {} } })],
      'legacy',
      { tasks: { cancel: {}, requests: { tools: { call: {} } } } },
    ],
    ['everything that a server has', [described('legacy', LEGACY_TASKS)], 'legacy', LEGACY_TASKS],
    ['the extension', [described('modern', MODERN_TASKS)], 'modern', MODERN_TASKS],
  ])('says %s', (_, servers, era, expected) => {
    expect(announcedTasks(servers, era)).toEqual(expected);
  });
});
