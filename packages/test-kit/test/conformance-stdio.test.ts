import { describe, expect, it } from 'vitest';
import { conformanceServer, initializeRequest, modernRequest, startStdioClient } from '../src/index.ts';
import type { StdioClient, WireMessage } from '../src/index.ts';

const start = (era: string): Promise<StdioClient> => {
  const { command, args } = conformanceServer('--stdio', '--era', era);
  return startStdioClient(command, args);
};

const call = (name: string, parameters = {}): Record<string, unknown> => ({ name, arguments: parameters });
const textOf = ({ result }: WireMessage): string | undefined =>
  (result?.['content'] as readonly { text: string }[] | undefined)?.[0]?.text;
const isMethod = (method: string) => (message: WireMessage) => message.method === method;

describe('the dual fixture on stdio', () => {
  it('serves both eras on one process, side by side', async () => {
    await using client = await start('dual');
    const discovered = await client.callModern('server/discover');
    expect(discovered.result).toMatchObject({ supportedVersions: ['2026-07-28'], resultType: 'complete' });
    const initialized = await client.initialize();
    expect(initialized.result).toMatchObject({ protocolVersion: '2025-11-25' });

    const modern = await client.callModern('tools/call', call('test_simple_text'));
    const legacy = await client.call('tools/call', call('test_simple_text'));
    expect(modern.result).toMatchObject({ resultType: 'complete' });
    expect(legacy.result).not.toHaveProperty('resultType');
    expect(textOf(modern)).toBe(textOf(legacy));
  });

  it('pushes its questions to a legacy client', async () => {
    await using client = await start('dual');
    await client.initialize({ capabilities: { sampling: {}, elicitation: {}, roots: {} } });
    client.send({
      jsonrpc: '2.0',
      id: 'sampling',
      method: 'tools/call',
      params: call('test_sampling', { prompt: 'Hi' }),
    });
    const question = await client.next(isMethod('sampling/createMessage'));
    const completion = { role: 'assistant', content: { type: 'text', text: 'Hello' }, model: 'test' };
    client.send({ jsonrpc: '2.0', id: question.id ?? null, result: completion });
    const answer = await client.next((message) => message.id === 'sampling');
    expect(textOf(answer)).toBe('LLM response: Hello');
  });

  it('turns input_required into pushed questions for a legacy client', async () => {
    await using client = await start('dual');
    await client.initialize({ capabilities: { elicitation: {} } });
    const params = call('test_input_required_result_multi_round');
    client.send({ jsonrpc: '2.0', id: 'rounds', method: 'tools/call', params });
    for (const content of [{ name: 'Ada' }, { color: 'green' }]) {
      const question = await client.next(isMethod('elicitation/create'));
      client.send({ jsonrpc: '2.0', id: question.id ?? null, result: { action: 'accept', content } });
    }
    expect(textOf(await client.next((message) => message.id === 'rounds'))).toBe('Ada likes green');
  });

  it('answers input_required to a modern client and takes up the call again', async () => {
    await using client = await start('dual');
    const capabilities = { elicitation: {} };
    const params = call('test_input_required_result_request_state');
    const first = await client.callModern('tools/call', params, { capabilities });
    expect(first.result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { confirm: { method: 'elicitation/create' } },
    });
    const retry = {
      ...params,
      inputResponses: { confirm: { action: 'accept', content: { ok: true } } },
      requestState: first.result?.['requestState'],
    };
    expect(textOf(await client.callModern('tools/call', retry, { capabilities }))).toBe('state-ok');
    const tampered = await client.callModern('tools/call', { ...retry, requestState: 'forged' }, { capabilities });
    expect(tampered.error?.code).toBe(-32_602);
  });

  it('tells the listeners of each era about a change, and the change is real', async () => {
    await using client = await start('dual');
    await client.initialize();
    const listen = modernRequest('listen', 'subscriptions/listen', { notifications: { toolsListChanged: true } });
    client.send(listen);
    await client.next(isMethod('notifications/subscriptions/acknowledged'));
    await client.callModern('tools/call', call('test_trigger_tool_change'));

    const changes = [
      await client.next(isMethod('notifications/tools/list_changed')),
      await client.next(isMethod('notifications/tools/list_changed')),
    ];
    const subscription = 'io.modelcontextprotocol/subscriptionId';
    expect(
      changes.map(({ params }) => (params?.['_meta'] as Record<string, unknown> | undefined)?.[subscription]),
    ).toEqual(expect.arrayContaining(['listen', undefined]));
    for (const list of [await client.call('tools/list'), await client.callModern('tools/list')]) {
      expect(list.result?.['tools']).toContainEqual(expect.objectContaining({ name: 'test_extra_tool' }));
    }
  });

  it('sends the update of a resource only to a session that subscribed to it', async () => {
    await using client = await start('dual');
    await client.initialize();
    await client.call('tools/call', call('test_trigger_resource_update'));
    await client.call('resources/subscribe', { uri: 'test://watched-resource' });
    await client.call('tools/call', call('test_trigger_resource_update'));
    await client.next(isMethod('notifications/resources/updated'));
    await expect(client.next(isMethod('notifications/resources/updated'), 100)).rejects.toThrow('no matching line');
  });

  it('cancels a call of either era', async () => {
    await using client = await start('dual');
    await client.initialize();
    // One that does not end by itself, however late it is cancelled.
    const params = { ...call('test_wait'), _meta: { progressToken: 'p' } };
    const requests = [
      { jsonrpc: '2.0', id: 'legacy', method: 'tools/call', params },
      modernRequest('modern', 'tools/call', params),
    ];
    for (const request of requests) {
      client.send(request);
      await client.next(isMethod('notifications/progress'));
      client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: request.id } });
      const answer = client.next((message) => message.id === request.id && message.method === undefined, 300);
      await expect(answer).rejects.toThrow('no matching line');
    }
  });

  it('ends when its input ends', async () => {
    await using client = await start('dual');
    await client.callModern('server/discover');
    client.process.closeStdin();
    expect(await client.process.exited).toEqual({ code: 0, signal: null });
  });
});

describe('fixtures of one era on stdio', () => {
  it('the legacy one does not know server/discover and still accepts initialize', async () => {
    await using client = await start('legacy');
    const discovered = await client.callModern('server/discover');
    expect(discovered.error?.code).toBe(-32_601);
    expect((await client.initialize()).result).toMatchObject({ protocolVersion: '2025-11-25' });
  });

  it('the modern one refuses initialize and says what it speaks', async () => {
    await using client = await start('modern');
    client.send(initializeRequest('old'));
    const refusal = await client.next((message) => message.id === 'old');
    expect(refusal.error).toMatchObject({ code: -32_022, data: { supported: ['2026-07-28'] } });
  });

  it('the pinned one keeps to the era that was spoken first', async () => {
    await using client = await start('pinned');
    await client.callModern('tools/list');
    client.send(initializeRequest('old'));
    expect((await client.next((message) => message.id === 'old')).error?.code).toBe(-32_022);
  });
});
