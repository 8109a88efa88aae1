import { request as httpRequest } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, test } from 'vitest';
import type { Exchange, Outcome } from '@hostler/kernel';
import { FacesRig } from './support/faces-rig.ts';
import { result } from './support/fake-host.ts';
import { EventStream, responseOf, wholeAnswer, withPatience } from './support/http-rig.ts';
import type { HttpAnswer } from './support/http-rig.ts';
import { initialize, legacy, modern, notification } from './support/messages.ts';

const PATIENT = { timeout: 20_000 };

interface Opened {
  readonly stream: EventStream;
  /** Where messages go. */
  readonly address: string;
}

/** Opens a stream as a client would, by hand. */
async function open(rig: FacesRig, path = '/sse'): Promise<Opened> {
  const request = httpRequest(rig.url + path, { agent: false, headers: { accept: 'text/event-stream' } });
  const response = responseOf(request);
  request.end();
  const first = await response;
  let text = '';
  const address = await withPatience(
    new Promise<string>((resolve) => {
      first.on('data', function onData(chunk: Buffer) {
        text += chunk.toString();
        const found = /^event: endpoint\ndata: (\S+)\n\n/.exec(text)?.[1];
        if (found !== undefined) {
          first.off('data', onData);
          resolve(found);
        }
      });
    }),
    'the address for messages',
  );
  return { stream: new EventStream(request, first), address };
}

async function post(rig: FacesRig, address: string, body: unknown, headers = {}): Promise<HttpAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const request = httpRequest(rig.url + address, {
    agent: false,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  const response = responseOf(request);
  request.end(text);
  return wholeAnswer(await response);
}

async function initialized(rig: FacesRig): Promise<Opened> {
  const opened = await open(rig);
  expect((await post(rig, opened.address, initialize({ elicitation: {} }))).status).toBe(202);
  expect(await opened.stream.event(0)).toMatchObject({ id: 0, result: { serverInfo: { name: 'fake' } } });
  return opened;
}

async function status(rig: FacesRig, path: string, method = 'GET', headers = {}): Promise<HttpAnswer> {
  const request = httpRequest(rig.url + path, { agent: false, method, headers });
  const response = responseOf(request);
  request.end();
  return wholeAnswer(await response);
}

/** The client goes away again as soon as it has the status. */
async function statusOfHead(rig: FacesRig, path: string): Promise<number | undefined> {
  const request = httpRequest(rig.url + path, { agent: false });
  const response = responseOf(request);
  request.end();
  const { statusCode } = await response;
  request.destroy();
  return statusCode;
}

test('the SSE client of the v1 SDK is served: calls, progress, questions, changed lists', async () => {
  await using rig = await FacesRig.start({
    dispatch: async (exchange) => {
      exchange.notify({ method: 'notifications/progress', params: { progressToken: 1, progress: 1 } });
      const answer = await exchange.ask({
        method: 'elicitation/create',
        params: { message: 'name?', requestedSchema: { type: 'object', properties: {} } },
      });
      return result({ content: [{ type: 'text', text: JSON.stringify(answer) }] }, 'legacy');
    },
  });
  const client = new Client({ name: 'v1', version: '1' }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept' as const, content: { name: 'é' } }));
  const changed = new Promise<void>((resolve) => {
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve());
  });
  await client.connect(new SSEClientTransport(new URL(`${rig.url}/sse`)));
  const answer = await client.callTool({ name: 'x', arguments: {} });
  expect(JSON.stringify(answer)).toContain('é');
  expect(rig.host.seen[0]?.client).toMatchObject({ era: 'legacy', info: { name: 'v1' } });
  rig.host.emit({ server: 's', notification: { method: 'notifications/tools/list_changed' } } as never);
  await withPatience(changed, 'a changed list');
  await client.close();
  await expect.poll(() => rig.host.endedSessions, PATIENT).toHaveLength(1);
});

describe('a stream', () => {
  test('names an address beside its own, for the host and for one server', async () => {
    await using rig = await FacesRig.start();
    const { address, stream } = await open(rig);
    expect(address).toMatch(/^\/messages\?sessionId=[\w-]{43}$/);
    const one = await open(rig, '/servers/files/sse/');
    expect(one.address).toMatch(/^\/servers\/files\/messages\?sessionId=[\w-]{43}$/);
    expect(one.address.split('=')[1]).not.toBe(address.split('=')[1]);
    stream.request.destroy();
    one.stream.request.destroy();
  });

  test('is opened by GET alone, by a client that takes events, for a server that there is', async () => {
    await using rig = await FacesRig.start({ has: ({ kind }) => kind === 'all' });
    const posted = await status(rig, '/sse', 'POST');
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET']);
    expect((await status(rig, '/sse', 'GET', { accept: 'application/json' })).status).toBe(406);
    expect((await status(rig, '/messages?sessionId=x', 'GET')).status).toBe(405);
    rig.caller = { ...rig.caller, scope: { kind: 'server', name: 'gone' } };
    expect((await status(rig, '/sse')).status).toBe(404);
  });

  test('is the session: when the client leaves, its calls are cancelled and the host lets go', async () => {
    await using rig = await FacesRig.start({ dispatch: untilAborted });
    const { stream, address } = await initialized(rig);
    const dispatched = rig.host.nextDispatch();
    await post(rig, address, legacy('tools/call'));
    const { signal } = await dispatched;
    stream.request.destroy();
    await withPatience(new Promise((resolve) => signal.addEventListener('abort', resolve)), 'the cancellation');
    await expect.poll(() => rig.host.endedSessions, PATIENT).toHaveLength(1);
    expect((await post(rig, address, legacy('ping'))).status).toBe(404);
  });

  test('has its share: one too many is refused, and another consumer is not', async () => {
    await using rig = await FacesRig.start({ limits: { streamsPerConsumer: 1 } });
    const { stream } = await open(rig);
    expect((await status(rig, '/sse')).status).toBe(429);
    rig.caller = { ...rig.caller, consumer: { name: 'bob' } };
    const bob = await open(rig);
    rig.caller = { ...rig.caller, consumer: { name: 'alice' } };
    stream.request.destroy();
    await expect.poll(() => statusOfHead(rig, '/sse'), PATIENT).toBe(200);
    bob.stream.request.destroy();
  });

  test('says something now and then', async () => {
    await using rig = await FacesRig.start();
    const { stream } = await open(rig);
    await rig.clock.pass(16_000);
    await stream.until(({ text }) => text !== '', 'a sign of life');
    expect(stream.text).toBe(': keep-alive\n\n');
    stream.request.destroy();
  });
});

describe('a message', () => {
  test('is taken only by the session of its sender, and nobody learns which exist', async () => {
    await using rig = await FacesRig.start();
    const { address, stream } = await open(rig);
    const unknown = await post(rig, '/messages?sessionId=nobody', initialize());
    const none = await post(rig, '/messages', initialize());
    rig.caller = { ...rig.caller, consumer: { name: 'mallory' } };
    const foreign = await post(rig, address, initialize());
    rig.caller = { scope: { kind: 'server', name: 'files' }, consumer: { name: 'alice' } };
    const elsewhere = await post(rig, address, initialize());
    for (const answer of [unknown, none, foreign, elsewhere]) {
      expect(answer.status).toBe(404);
      expect(withoutIds(answer.text)).toBe(withoutIds(unknown.text));
    }
    expect(rig.host.describes).toBe(0);
    stream.request.destroy();
  });

  test.each<[string, string, Record<string, string>, number]>([
    ['no JSON', '{', {}, 400],
    ['no message', '[]', {}, 400],
    ['another type', '{}', { 'content-type': 'text/plain' }, 415],
    ['an encoding', '{}', { 'content-encoding': 'gzip' }, 415],
    ['too many bytes', `"${'x'.repeat(2_000)}"`, {}, 413],
  ])('with %s is refused as such', async (_, body, headers, expected) => {
    await using rig = await FacesRig.start({ limits: { messageBytes: 1_000 } });
    const { address, stream } = await open(rig);
    expect((await post(rig, address, body, headers)).status).toBe(expected);
    stream.request.destroy();
  });

  test('of the modern era is none here', async () => {
    await using rig = await FacesRig.start();
    const { address, stream } = await open(rig);
    expect((await post(rig, address, modern('server/discover'))).status).toBe(202);
    expect(await stream.event(0)).toMatchObject({ id: 1, error: { code: -32600 } });
    stream.request.destroy();
  });

  test('is answered on the stream, after what was said before it', async () => {
    await using rig = await FacesRig.start({
      dispatch: (exchange: Exchange): Outcome => {
        exchange.notify({ method: 'notifications/progress', params: { progressToken: 1, progress: 1 } });
        return result({ text: 'x'.repeat(900_000) }, 'legacy');
      },
    });
    const { address, stream } = await initialized(rig);
    expect((await post(rig, address, notification('notifications/initialized'))).text).toBe('');
    await post(rig, address, legacy('tools/call', 0));
    expect(await stream.event(1)).toMatchObject({ method: 'notifications/progress' });
    expect(await stream.event(2)).toMatchObject({ id: 0 });
    // Answers beyond what may wait for one stream elsewhere: here they all have to share it.
    await Promise.all([1, 2, 3].map((id) => post(rig, address, legacy('tools/call', id))));
    await stream.until(() => stream.text.length > 3_600_000, 'three large answers');
    expect(rig.log.messages('warn')).toEqual([]);
    stream.request.destroy();
  });
});

test('when the host stops, new streams are refused, calls finish, and then streams end', async () => {
  const held = Promise.withResolvers<Outcome>();
  await using rig = await FacesRig.start({ dispatch: () => held.promise });
  const { address, stream } = await initialized(rig);
  const dispatched = rig.host.nextDispatch();
  await post(rig, address, legacy('tools/call', 7));
  await dispatched;
  const closed = rig.endpoint.close(25_000);
  expect((await status(rig, '/sse')).status).toBe(503);
  expect((await post(rig, address, legacy('tools/list', 8))).status).toBe(503);
  expect(stream.ended).toBe(false);
  held.resolve(result({ done: true }, 'legacy'));
  expect(await stream.event(1)).toMatchObject({ id: 7, result: { done: true } });
  await closed;
  await stream.end();
  expect(rig.host.endedSessions).toHaveLength(1);
});

function untilAborted({ signal }: Exchange): Promise<Outcome> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

function withoutIds(text: string): string {
  return text.replaceAll(/[0-9a-f-]{36}/g, '');
}
