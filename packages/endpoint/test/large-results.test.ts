import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Exchange, JsonObject, Outcome, ResultSink } from '@hostler/kernel';
import { Payload } from '@hostler/kernel';
import { HttpRig } from './support/http-rig.ts';
import { modern, modernHeaders } from './support/messages.ts';

const call = modern('tools/call', { params: { name: 'echo' } });
const PASSED: Outcome = {
  kind: 'result',
  era: 'modern',
  payload: Payload.of({}),
  passed: { bytes: 2, isError: false },
};

interface Passing {
  readonly rig: HttpRig;
  readonly exchange: Exchange;
  readonly sink: ResultSink;
  readonly response: IncomingMessage;
  readonly finish: (outcome: Outcome) => void;
  readonly fail: (reason: Error) => void;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

async function send(rig: HttpRig, message: JsonObject, accept: string): Promise<IncomingMessage> {
  const headers = { ...modernHeaders(message), 'content-type': 'application/json', accept };
  const outgoing = request({ port: rig.port, host: '127.0.0.1', path: '/mcp', method: 'POST', headers, agent: false });
  outgoing.on('error', () => {});
  outgoing.end(JSON.stringify(message));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}

/** A call of which the result has begun to be passed on. */
async function passing(
  accept = 'application/json, text/event-stream',
  before?: (exchange: Exchange) => void,
): Promise<Passing> {
  const outcome = Promise.withResolvers<Outcome>();
  const rig = await HttpRig.start({ dispatch: () => outcome.promise });
  const dispatched = rig.host.nextDispatch();
  const answered = send(rig, call, accept);
  const exchange = await dispatched;
  before?.(exchange);
  const sink = exchange.largeResult?.();
  if (sink?.begin('modern', () => {}) !== true) throw new Error('it is not taken');
  sink.write(Buffer.from('{"a":\n'));
  const { resolve, reject } = outcome;
  const dispose = (): Promise<void> => rig[Symbol.asyncDispose]();
  return {
    rig,
    exchange,
    sink,
    response: await answered,
    finish: resolve,
    fail: reject,
    [Symbol.asyncDispose]: dispose,
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

describe('a result that is passed on while it arrives', () => {
  test('is one JSON body, in which nothing else is said', async () => {
    await using setup = await passing();
    const { exchange, sink, response, finish } = setup;
    exchange.notify({ method: 'notifications/progress', params: { progress: 1, progressToken: 1 } });
    sink.write(Buffer.from('1}'));
    sink.end();
    finish(PASSED);
    expect(response.headers['content-type']).toBe('application/json');
    expect(JSON.parse(await textOf(response))).toEqual({ jsonrpc: '2.0', id: call['id'], result: { a: 1 } });
  });

  test('is not given up when its client has all of it before its call has ended', async () => {
    await using setup = await passing();
    const { exchange, sink, response, finish } = setup;
    const closed = once(response.socket, 'close');
    sink.write(Buffer.from('1}'));
    sink.end();
    await Promise.all([textOf(response), closed]);
    expect(exchange.signal.aborted).toBe(false);
    finish(PASSED);
  });

  test('is the last event of a stream that is open, on one line', async () => {
    await using setup = await passing(undefined, (exchange) => {
      exchange.notify({ method: 'notifications/progress', params: { progress: 1, progressToken: 1 } });
    });
    const { sink, response, finish } = setup;
    sink.write(Buffer.from('1}'));
    sink.end();
    finish(PASSED);
    const data = (await textOf(response)).split('\n').filter((line) => line.startsWith('data: '));
    expect(JSON.parse(data.at(-1)?.slice(6) ?? '')).toMatchObject({ id: call['id'], result: { a: 1 } });
  });

  test('breaks off when the call fails', async () => {
    await using setup = await passing();
    setup.fail(new Error('the server is gone'));
    await expect(textOf(setup.response)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(setup.rig.log.messages('warn')).toEqual(['an answer broke off after its beginning was passed on']);
  });

  test('is taken once', async () => {
    await using setup = await passing();
    expect(setup.exchange.largeResult?.()?.begin('modern', () => {})).toBe(false);
  });

  test('is not taken for a modern client of a legacy server, nor for other methods', async () => {
    await using rig = await HttpRig.start({ dispatch: () => new Promise<Outcome>(() => {}) });
    const dispatched = rig.host.nextDispatch();
    const answered = send(rig, call, 'application/json, text/event-stream').catch(() => {});
    const exchange = await dispatched;
    expect(exchange.largeResult?.()?.begin('legacy', () => {})).toBe(false);
    const listed = rig.host.nextDispatch();
    const other = send(rig, modern('tools/list'), 'application/json, text/event-stream').catch(() => {});
    expect((await listed).largeResult?.()).toBeUndefined();
    void answered;
    void other;
  });

  test('ends when its client takes it too slowly, however steadily', async () => {
    await using setup = await passing();
    const { exchange, sink, response, rig } = setup;
    response.pause();
    const piece = Buffer.alloc(1024 * 1024, ' ');
    for (let sent = 0; sent < 16; sent += 1) sink.write(piece);
    // 30 seconds beside those for 16 MiB at 64 KB a second.
    await rig.clock.pass(400_000);
    expect(exchange.signal.aborted).toBe(true);
    expect(exchange.signal.reason).toMatchObject({ code: 'CLIENT_GONE' });
    response.destroy();
  });
});
