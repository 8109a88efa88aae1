import type { JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { settle } from '@hostler/test-kit';
import { askableClient, makeSession } from '../../test/support/make-exchange.ts';
import {
  legacyHandshake,
  makeContext,
  modernHandshake,
  open,
  ScriptedServer,
} from '../../test/support/scripted-pipe.ts';
import type { Message } from '../../test/support/scripted-pipe.ts';
import { upstreamErrors } from '../errors.ts';
import { openPipeConnection } from './pipe-connection.ts';

const methods = (server: ScriptedServer): unknown[] => server.received.map(({ method }) => method);
const discoverWith = (answer: JsonObject) => (message: Message) =>
  message.method === 'server/discover' ? answer : legacyHandshake(message);

describe('the handshake over a pipe', () => {
  it('finds a modern server by its answer to server/discover', async () => {
    const { server, connection } = await open({ answer: modernHandshake });
    expect(connection.era).toBe('modern');
    expect(connection.server.revisions).toEqual(['2026-07-28']);
    expect(methods(server)).toEqual(['server/discover']);
  });

  it.each([
    ['does not know server/discover', { error: { code: -32601, message: '' } }],
    ['gives another error', { error: { code: -32000, message: 'not initialized' } }],
    ['answers with something else', { result: { tools: [] } }],
    [
      'refuses the revision and names a legacy one',
      { error: { code: -32022, message: '', data: { supported: ['2025-11-25'] } } },
    ],
  ])('initializes on the same process a server that %s', async (_, answer) => {
    const { server, connection } = await open({ answer: discoverWith(answer) });
    expect(connection).toMatchObject({ era: 'legacy', server: { info: { name: 'scripted' } } });
    expect(methods(server)).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
    expect(server.starts).toHaveLength(1);
  });

  it('initializes a server that says nothing to the probe for half of its time to start, at most 5 s', async () => {
    const server = new ScriptedServer();
    server.answer = (message) => (message.method === 'server/discover' ? undefined : legacyHandshake(message));
    const { context, clock } = makeContext();
    const opening = openPipeConnection(context, server.start);
    await clock.pass(4_999);
    expect(methods(server)).toEqual(['server/discover']);
    await clock.pass(1);
    expect((await opening).era).toBe('legacy');
    expect(server.of('notifications/cancelled')).toEqual([]);
  });

  it('starts a server again that exits on the probe, and initializes it directly', async () => {
    const server = new ScriptedServer();
    server.answer = (message) => {
      if (message.method !== 'server/discover') return legacyHandshake(message);
      server.end((mayHaveRun) => upstreamErrors.UNAVAILABLE({ details: { server: 'x', mayHaveRun } }));
      return undefined;
    };
    const { context, closes } = makeContext();
    const connection = await openPipeConnection(context, server.start);
    expect(connection.era).toBe('legacy');
    expect(server.starts).toHaveLength(2);
    expect(server.closes).toBe(1);
    expect(methods(server)).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
    expect(closes).toEqual([]);
  });

  it.each([-32020, -32021, -32022])('fails when a modern server refuses with %i', async (code) => {
    const server = new ScriptedServer();
    server.answer = discoverWith({ error: { code, message: 'secret words' } });
    const { context } = makeContext();
    const opening = openPipeConnection(context, server.start);
    await expect(opening).rejects.toMatchObject({
      code: 'UPSTREAM_PROTOCOL',
      details: { problem: `It refused the handshake with error ${code}.` },
    });
    expect(server.closes).toBe(1);
  });

  it.each([
    ['legacy', ['initialize', 'notifications/initialized']],
    ['modern', ['server/discover']],
  ] as const)('asks no more than needed when the era is %s', async (era, expected) => {
    const { server, connection } = await open({
      era,
      answer: (message) => modernHandshake(message) ?? legacyHandshake(message),
    });
    expect(connection.era).toBe(era);
    expect(methods(server)).toEqual(expected);
  });

  it.each(['2026-07-28', '1999-01-01'])('does not accept revision %s as the answer to initialize', async (revision) => {
    const server = new ScriptedServer();
    server.answer = ({ method }) =>
      method === 'initialize' ? { result: { protocolVersion: revision, capabilities: {} } } : { error: { code: -1 } };
    await expect(openPipeConnection(makeContext().context, server.start)).rejects.toMatchObject({
      code: 'UPSTREAM_PROTOCOL',
    });
  });

  it('declares the host on a shared connection and the client on its own', async () => {
    const shared = await open();
    const client = askableClient(makeSession('s1'));
    const own = await open({ client });
    expect(shared.server.last('initialize').params).toMatchObject({
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'hostler' },
    });
    expect(own.server.last('initialize').params).toMatchObject({
      capabilities: client.capabilities,
      clientInfo: client.info as JsonObject,
    });
  });

  it('answers a ping that comes before the answer to initialize', async () => {
    const { server } = await open({
      answer: (message, scripted) => {
        if (message.method === 'initialize') scripted.say({ jsonrpc: '2.0', id: 'p', method: 'ping' });
        return legacyHandshake(message);
      },
    });
    expect(server.received).toContainEqual({ jsonrpc: '2.0', id: 'p', result: {} });
  });

  it('ends with the reason of its signal, and ends the server', async () => {
    const server = new ScriptedServer();
    server.answer = () => undefined;
    const { context, controller } = makeContext();
    const opening = openPipeConnection(context, server.start);
    await settle();
    const reason = new Error('the start took too long');
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    expect(server.closes).toBe(1);
  });
});
