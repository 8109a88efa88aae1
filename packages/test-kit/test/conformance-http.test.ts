import { describe, expect, it } from 'vitest';
import {
  callModern,
  conformanceServer,
  exchange,
  initializeRequest,
  modernRequest,
  openLegacySession,
  openModern,
  startProcess,
} from '../src/index.ts';
import type { RunningProcess } from '../src/index.ts';

async function start(era: string): Promise<RunningProcess & { readonly url: string }> {
  const { command, args } = conformanceServer('--http', '--era', era);
  const server = await startProcess(command, args, { waitFor: /"url"/ });
  return { ...server, url: (JSON.parse(server.firstLine) as { url: string }).url };
}

const elicitation = { capabilities: { elicitation: {} } };

describe('the dual fixture on HTTP', () => {
  it('asks a legacy client on the stream of the call', async () => {
    await using server = await start('dual');
    const session = await openLegacySession(server.url, elicitation);
    await using call = await session.open('tools/call', { name: 'test_elicitation', arguments: { message: 'Who?' } });
    const question = await call.nextMessage((message) => message.method === 'elicitation/create');
    const result = { action: 'accept', content: { username: 'ada', email: 'ada@example.org' } };
    const sent = await session.send({ jsonrpc: '2.0', id: question.id ?? null, result });
    expect(sent.status).toBe(202);
    const answer = await call.nextMessage((message) => message.result !== undefined);
    expect(answer.result?.['content']).toMatchObject([{ text: expect.stringContaining('action=accept') }]);
  });

  it('asks on the stream of the session when the question belongs to no call', async () => {
    await using server = await start('dual');
    const session = await openLegacySession(server.url, elicitation);
    await using stream = await session.listen();
    await using call = await session.open('tools/call', { name: 'test_elicitation_unrelated', arguments: {} });
    const question = await stream.nextMessage((message) => message.method === 'elicitation/create');
    await session.send({ jsonrpc: '2.0', id: question.id ?? null, result: { action: 'decline' } });
    const answer = await call.nextMessage((message) => message.result !== undefined);
    expect(answer.result?.['content']).toMatchObject([{ text: expect.stringContaining('action=decline') }]);
  });

  it('lets a legacy client resume a stream that was dropped', async () => {
    await using server = await start('dual');
    const session = await openLegacySession(server.url);
    const dropped = await session.call('tools/call', { name: 'test_reconnection', arguments: {} });
    expect(dropped.messages).toEqual([]);
    await using resumed = await session.listen({ 'last-event-id': dropped.events.at(-1)?.id ?? '' });
    const answer = await resumed.nextMessage((message) => message.result !== undefined);
    expect(answer.result?.['content']).toMatchObject([{ text: 'Reconnected' }]);
  });

  it('forgets a session that was ended', async () => {
    await using server = await start('dual');
    const session = await openLegacySession(server.url);
    expect((await session.end()).status).toBe(200);
    expect((await session.call('tools/list')).status).toBe(404);
  });

  it('notifies modern listeners of what they asked for', async () => {
    await using server = await start('dual');
    const params = { notifications: { toolsListChanged: true } };
    await using stream = await openModern(server.url, 'subscriptions/listen', params, { id: 'watch' });
    const first = await stream.nextMessage();
    expect(first.method).toBe('notifications/subscriptions/acknowledged');
    await callModern(server.url, 'tools/call', { name: 'test_trigger_prompt_change', arguments: {} });
    await callModern(server.url, 'tools/call', { name: 'test_trigger_tool_change', arguments: {} });
    const second = await stream.nextMessage();
    expect(second).toMatchObject({
      method: 'notifications/tools/list_changed',
      params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 'watch' } },
    });
  });

  it('logs only to modern requests that ask for it', async () => {
    await using server = await start('dual');
    const params = { name: 'test_logging_tool', arguments: {} };
    const silent = await callModern(server.url, 'tools/call', params);
    const verbose = await callModern(server.url, 'tools/call', params, { logLevel: 'debug' });
    expect(silent.messages.map((message) => message.method)).toEqual([undefined]);
    expect(verbose.messages).toHaveLength(4);
  });

  it('refuses a foreign Host', async () => {
    await using server = await start('dual');
    const answer = await exchange(server.url, { headers: { host: 'evil.example.com' }, body: initializeRequest(1) });
    expect(answer.status).toBe(403);
  });
});

describe('fixtures of one era on HTTP', () => {
  it('the legacy one answers a modern request with 400', async () => {
    await using server = await start('legacy');
    const answer = await callModern(server.url, 'server/discover');
    expect(answer.status).toBe(400);
    expect(answer.messages[0]?.error?.code).toBe(-32_000);
  });

  it('the modern one answers initialize with the revisions that it speaks', async () => {
    await using server = await start('modern');
    const answer = await exchange(server.url, { body: initializeRequest(1) });
    expect(answer.status).toBe(400);
    expect(answer.messages[0]?.error).toMatchObject({ code: -32_022, data: { supported: ['2026-07-28'] } });
  });

  it('the modern one asks by input_required where the legacy one pushes', async () => {
    await using server = await start('modern');
    const answer = await callModern(
      server.url,
      'tools/call',
      { name: 'test_elicitation', arguments: { message: 'Who?' } },
      elicitation,
    );
    expect(answer.messages[0]?.result).toMatchObject({ resultType: 'input_required' });
  });

  it('checks that the headers repeat the body', async () => {
    await using server = await start('modern');
    const body = modernRequest(1, 'tools/list');
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'prompts/list' };
    const answer = await exchange(server.url, { body, headers });
    expect(answer.messages[0]?.error?.code).toBe(-32_020);
  });
});
