import type { ClientAnswer, InProcessServer } from '@hostler/kernel';
import { McpServer as LegacyLineServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpServer, Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { connectInProcess, defaultUpstreamLimits, servedInProcess } from '@hostler/upstream';
import type { ConnectContext, Connection } from '@hostler/upstream';
import type { Client, Clock, HostlerError, Notification } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { askableClient, callTool, makeExchange, makeSession } from './support/make-exchange.ts';
import { RecordingLog } from './support/recording-log.ts';
import { noSecrets } from './support/no-secrets.ts';
import { realClock, STOP_STEP, textOf, until, WatchedClock } from './support/stdio-setup.ts';

const info = { name: 'mounted', version: '1' };

function legacyLineServer(): InProcessServer {
  const server = new LegacyLineServer(info, { capabilities: { logging: {} } });
  server.registerTool('greet', { description: 'Greets' }, async (extra) => {
    const progressToken = extra._meta?.progressToken;
    if (progressToken !== undefined) {
      await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
    }
    await extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data: 'in the call' } });
    return { content: [{ type: 'text', text: 'hello from v1' }] };
  });
  server.registerTool('ask', {}, async ({ sendRequest }) => {
    const params = { message: 'Who?', requestedSchema: { type: 'object' as const, properties: {} } };
    const answer = await sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema);
    return { content: [{ type: 'text', text: JSON.stringify(answer) }] };
  });
  server.registerTool('stop', {}, () => {
    void server.close();
    return { content: [] };
  });
  return server;
}

function createServer(): McpServer {
  const server = new McpServer(info, { capabilities: { tools: { listChanged: true } } });
  server.registerTool('greet', { description: 'Greets' }, () => ({
    content: [{ type: 'text', text: 'hello from v2' }],
  }));
  server.registerTool('grow', {}, () => {
    server.registerTool('more', {}, () => ({ content: [] }));
    return { content: [] };
  });
  return server;
}

interface Mounted extends AsyncDisposable {
  readonly connection: Connection;
  readonly log: RecordingLog;
  readonly outside: Notification[];
  readonly ended: Promise<HostlerError>;
}

async function mount(create: () => InProcessServer, client?: Client, clock: Clock = realClock): Promise<Mounted> {
  const log = new RecordingLog();
  const outside: Notification[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<HostlerError>();
  const context: ConnectContext = {
    spec: {
      name: 'mounted',
      transport: { kind: 'in-process', create },
      era: 'auto',
      interactive: true,
      required: false,
      startTimeout: 20_000,
      callTimeout: 20_000,
    },
    ...(client && { client }),
    log,
    clock,
    limits: { ...defaultUpstreamLimits, stopStep: STOP_STEP },
    secrets: noSecrets,
    signal: AbortSignal.timeout(20_000),
    onNotification: (notification) => void outside.push(notification),
    onClose: resolve,
  };
  const connection = await connectInProcess(context);
  return { connection, log, outside, ended, [Symbol.asyncDispose]: () => connection.close() };
}

describe('a server object in this process', () => {
  it('of the v1 SDK is mounted and called', async () => {
    await using mounted = await mount(legacyLineServer);
    expect(mounted.connection).toMatchObject({ era: 'legacy', server: { info } });
    const exchange = callTool('greet', {}, { params: { _meta: { progressToken: 'mine' } } });
    expect(textOf(await mounted.connection.request(exchange))).toBe('hello from v1');
    expect(exchange.notifications).toMatchObject([
      { method: 'notifications/progress', params: { progressToken: 'mine', progress: 1 } },
      { method: 'notifications/message', params: { data: 'in the call' } },
    ]);
  });

  it('says for which call a message is, also when several are in flight on a shared connection', async () => {
    await using mounted = await mount(legacyLineServer);
    const exchanges = [callTool('greet'), callTool('greet'), callTool('greet')];
    await Promise.all(exchanges.map((exchange) => mounted.connection.request(exchange)));
    expect(exchanges.map(({ notifications }) => notifications.length)).toEqual([1, 1, 1]);
    expect(mounted.outside).toEqual([]);
  });

  it('asks the client of the call in which it asks', async () => {
    await using mounted = await mount(legacyLineServer, askableClient(makeSession('s1')));
    const answer = (name: string) => (): Promise<ClientAnswer> =>
      Promise.resolve({ kind: 'result', result: { action: 'accept', content: { name } } });
    const first = callTool('ask', {}, { answer: answer('first') });
    const second = callTool('ask', {}, { answer: answer('second') });
    const outcomes = await Promise.all([mounted.connection.request(first), mounted.connection.request(second)]);
    expect(outcomes.map(textOf)).toEqual([
      expect.stringContaining('first') as unknown,
      expect.stringContaining('second') as unknown,
    ]);
  });

  it('of the v2 SDK is mounted and called', async () => {
    await using mounted = await mount(createServer);
    expect(mounted.connection).toMatchObject({ era: 'legacy', server: { info } });
    expect(textOf(await mounted.connection.request(callTool('greet')))).toBe('hello from v2');
  });

  it('of the v2 SDK speaks the modern era through serveStdio', async () => {
    await using mounted = await mount(() =>
      servedInProcess((transport: never) => serveStdio(createServer, { transport })),
    );
    expect(mounted.connection).toMatchObject({ era: 'modern', server: { info, revisions: ['2026-07-28'] } });
    const outcome = await mounted.connection.request(callTool('greet'));
    expect(textOf(outcome)).toBe('hello from v2');
    expect(outcome.payload.value()).toMatchObject({ resultType: 'complete' });
  });

  it('tells a modern subscription of a changed list', async () => {
    await using mounted = await mount(() =>
      servedInProcess((transport: never) => serveStdio(createServer, { transport })),
    );
    const listen = makeExchange('subscriptions/listen', { params: { notifications: { toolsListChanged: true } } });
    const listening = mounted.connection.request(listen).catch((error: unknown) => error);
    await until(() => listen.notifications.length === 1);
    await mounted.connection.request(callTool('grow'));
    await until(() => listen.notifications.length === 2);
    expect(listen.notifications.map(({ method }) => method)).toEqual([
      'notifications/subscriptions/acknowledged',
      'notifications/tools/list_changed',
    ]);
    listen.controller.abort(new Error('enough'));
    expect(await listening).toEqual(new Error('enough'));
  });

  it('passes results as values, with members that the host does not know', async () => {
    const result = { content: [], unknown: { deep: [1, 2, 3] } };
    await using mounted = await mount(() => {
      const server = new Server(info, { capabilities: { tools: {} } });
      server.setRequestHandler('tools/call', () => result);
      return server;
    });
    expect((await mounted.connection.request(callTool('any'))).payload.value()).toMatchObject(result);
  });

  it('that closes itself fails its calls and ends the connection', async () => {
    await using mounted = await mount(legacyLineServer);
    await expect(mounted.connection.request(callTool('stop'))).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      details: { mayHaveRun: true },
    });
    expect((await mounted.ended).details['problem']).toBe('It closed its connection.');
  });

  it('that cannot be made fails the start, with its own error for the log only', async () => {
    const cause = new Error('words of the server');
    const failing = mount(() => {
      throw cause;
    });
    await expect(failing).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: 'The server "mounted" is not available.',
      details: { problem: 'Its code failed to start it: see the log.' },
      cause,
    });
  });

  it('that never finishes to close does not hold up the host', async () => {
    const clock = new WatchedClock();
    const create = (): InProcessServer => {
      const server = createServer();
      return { connect: (transport) => server.connect(transport), close: () => new Promise(() => {}) };
    };
    const mounted = await mount(create, undefined, clock);
    await mounted.connection.close();
    expect(clock.waited).toBeLessThan(1_500);
  });

  it('that sends what is no message is warned of, and goes on', async () => {
    let send: ((message: never) => Promise<void>) | undefined;
    await using mounted = await mount(() => {
      const server = createServer();
      return {
        connect(transport: { send(message: never): Promise<void> }) {
          send = (message) => transport.send(message);
          return server.connect(transport as never);
        },
        close: () => server.close(),
      } as never;
    });
    await send?.({ hello: 'world' } as never);
    expect(mounted.log.of('warn')).toHaveLength(1);
    expect(textOf(await mounted.connection.request(callTool('greet')))).toBe('hello from v2');
  });
});
