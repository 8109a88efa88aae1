import { describe, expect, test } from 'vitest';
import type { ConnectContext } from '../src/connection.ts';
import { createConnectStdio } from '../src/stdio/connect-stdio.ts';
import { connectInProcess } from '../src/in-process/connect-in-process.ts';
import { connectHttp, connectWebSocket, contextFor, exchangeOf } from './http/support/context.ts';
import { notification, openEvents, resultOf, sendEvent, sendJson } from './http/support/raw-server.ts';
import { startLegacy, startModern } from './http/support/scripted-servers.ts';
import { startSse } from './sse/support.ts';
import { askableClient, callTool, makeSession } from './support/make-exchange.ts';
import { LEAKED, MASK, RecordingScreen, REFUSED } from './support/recording-screen.ts';
import { chaosServer } from '@hostler/test-kit';
import { makeStdioContext, textOf, until } from './support/stdio-setup.ts';
import { reply, SocketServer } from './websocket/support.ts';

const leaky = { content: [{ type: 'text', text: `the ${LEAKED} is out` }] };
const masked = { content: [{ type: 'text', text: `the ${MASK} is out` }] };
const progress = notification('notifications/progress', { progressToken: 1, progress: 1, message: LEAKED });

function screened<Context extends ConnectContext>(context: Context): Context & { readonly screen: RecordingScreen } {
  return { ...context, screen: new RecordingScreen() };
}

describe('each message of a server is shown to the screen once, and passes as the screen leaves it', () => {
  test.each(['legacy', 'modern'] as const)('on stdio, %s', async (era) => {
    const { context } = makeStdioContext(chaosServer('--era', era));
    const watched = screened(context);
    const connection = await createConnectStdio({ baseEnvironment: {} })(watched);
    const exchange = callTool('echo', { text: LEAKED });
    expect(textOf(await connection.request(exchange))).toBe(JSON.stringify({ text: MASK }));
    expect(watched.screen.times(LEAKED)).toBe(1);
    expect(watched.screen.times('"capabilities"')).toBe(1);
    expect(watched.screen.received.length).toBe(connection.heard);
    await connection.close();
  });

  test.each([
    ['legacy', startLegacy],
    ['modern', (script: Parameters<typeof startLegacy>[0] = {}) => startModern(script.call)],
  ])('as JSON of a %s server', async (_, start) => {
    await using server = await start({ call: (received, response) => sendJson(response, resultOf(received, leaky)) });
    const context = screened(contextFor({ url: server.url }));
    const connection = await connectHttp(context);
    const outcome = await connection.request(exchangeOf('tools/call', { name: 'x' }));
    expect(outcome.payload.value()).toEqual(masked);
    expect(context.screen.times('is out')).toBe(1);
    expect(context.screen.times('"serverInfo"') + context.screen.times('/serverInfo"')).toBe(1);
    await connection.close();
  });

  test.each([
    ['legacy', startLegacy],
    ['modern', (script: Parameters<typeof startLegacy>[0] = {}) => startModern(script.call)],
  ])('as events of a %s server', async (_, start) => {
    await using server = await start({
      call: (received, response) => {
        openEvents(response);
        sendEvent(response, notification('notifications/message', { level: 'info', data: `${LEAKED} in a log` }));
        sendEvent(response, resultOf(received, leaky));
        response.end();
      },
    });
    const context = screened(contextFor({ url: server.url }));
    const connection = await connectHttp(context);
    const exchange = exchangeOf('tools/call', { name: 'x' });
    expect((await connection.request(exchange)).payload.value()).toEqual(masked);
    expect(exchange.notified.all).toMatchObject([{ params: { data: `${MASK} in a log` } }]);
    expect(context.screen.times(LEAKED)).toBe(2);
    await connection.close();
  });

  test('on the stream outside calls', async () => {
    await using server = await startLegacy({
      stream: (_, response) => {
        openEvents(response);
        sendEvent(response, notification('notifications/message', { level: 'info', data: LEAKED }));
      },
    });
    const context = screened(contextFor({ url: server.url }));
    const connection = await connectHttp(context);
    expect(await context.notifications.next()).toMatchObject({ params: { data: MASK } });
    expect(context.screen.times(LEAKED)).toBe(1);
    await connection.close();
  });

  test('over HTTP+SSE, but for the address of the stream', async () => {
    await using server = await startSse({
      post: (received, response, stream) => {
        response.writeHead(202).end();
        sendEvent(stream, resultOf(received, leaky));
      },
    });
    const context = screened(contextFor({ url: server.url, protocol: 'sse' }));
    const connection = await connectHttp(context);
    expect((await connection.request(exchangeOf('tools/call', { name: 'x' }))).payload.value()).toEqual(masked);
    expect(context.screen.times('is out')).toBe(1);
    expect(context.screen.times('/messages')).toBe(0);
    await connection.close();
  });

  test.each(['legacy', 'modern'] as const)('over a WebSocket, %s', async (era) => {
    await using server = await SocketServer.start({
      era,
      answer: (message, socket) => {
        socket.send(JSON.stringify(progress));
        reply(socket, message, leaky);
      },
    });
    const context = screened(contextFor({ url: server.url }));
    const connection = await connectWebSocket(context);
    expect((await connection.request(exchangeOf('tools/call', { name: 'x' }))).payload.value()).toEqual(masked);
    expect(context.screen.times(LEAKED)).toBe(2);
    expect(context.screen.received.length).toBe(connection.heard);
    await connection.close();
  });

  test('in this process', async () => {
    const create = () => answering({ tools: { echo: leaky } });
    const context = screened({
      ...contextFor({ url: 'http://localhost' }),
      spec: { ...contextFor({ url: 'http://localhost' }).spec, transport: { kind: 'in-process', create } },
    } as ConnectContext);
    const connection = await connectInProcess(context);
    expect((await connection.request(exchangeOf('tools/call', { name: 'echo' }))).payload.value()).toEqual(masked);
    expect(context.screen.times(LEAKED)).toBe(1);
    expect(context.screen.received.length).toBe(connection.heard);
    await connection.close();
  });
});

describe('what a client answers to a server', () => {
  const answers = (text: string) => () =>
    Promise.resolve({ kind: 'result', result: { action: 'accept', content: { name: text } } } as const);

  test('over a pipe is masked, or withheld with an error that names no secret', async () => {
    const { context } = makeStdioContext({ ...chaosServer(), client: askableClient(makeSession('s1')) });
    const watched = screened(context);
    const connection = await createConnectStdio({ baseEnvironment: {} })(watched);
    const ask = async (text: string): Promise<string> =>
      textOf(await connection.request(callTool('ask-elicitation', {}, { answer: answers(text) })));
    expect(await ask(LEAKED)).toContain(MASK);
    const refusal = await ask(REFUSED);
    expect(refusal).toContain('SECRET_LEAK');
    expect(refusal).not.toContain(REFUSED);
    expect(watched.screen.sent).toHaveLength(2);
    await connection.close();
  });

  test('over HTTP is masked, or withheld with an error', async () => {
    await using server = await startLegacy({
      call: (_, response) => {
        openEvents(response);
        sendEvent(response, { jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: { message: '?' } });
      },
    });
    const client = askableClient(makeSession('s1'));
    const context = screened(contextFor({ url: server.url, client }));
    const connection = await connectHttp(context);
    for (const [text, expected] of [
      [LEAKED, { result: { content: { name: MASK } } }],
      [REFUSED, { error: { data: { code: 'SECRET_LEAK' } } }],
    ] as const) {
      const controller = new AbortController();
      const exchange = exchangeOf(
        'tools/call',
        { name: 'x' },
        { client, signal: controller.signal, ask: answers(text) },
      );
      const call = connection.request(exchange).catch(() => undefined);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await until(() => server.received.all.filter(({ message }) => message.id === 'q').length > 0);
      expect(server.received.all.findLast(({ message }) => message.id === 'q')?.message).toMatchObject(expected);
      server.received.all.length = 0;
      controller.abort();
      // oxlint-disable-next-line no-await-in-loop
      await call;
    }
    await connection.close();
  });
});

/** A server object that answers tools as the test says. */
function answering({ tools }: { readonly tools: Readonly<Record<string, object>> }) {
  type Sent = { readonly id?: number; readonly method?: string; readonly params?: { readonly name?: string } };
  interface Transport {
    onmessage?: (message: Sent) => void;
    send(message: object): Promise<void>;
    start(): Promise<void>;
  }
  return {
    async connect(given: never) {
      const transport = given as Transport;
      const answer = (id: number, body: object): void => void transport.send({ jsonrpc: '2.0', id, ...body });
      transport.onmessage = ({ id, method, params }) => {
        if (id === undefined) return;
        const serverInfo = { name: 'mounted', version: '1' };
        if (method === 'initialize') {
          answer(id, { result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo } });
        } else if (method === 'tools/call') answer(id, { result: tools[params?.name ?? ''] ?? {} });
        else answer(id, { error: { code: -32601, message: 'no' } });
      };
      await transport.start();
    },
    close: () => Promise.resolve(),
  };
}
