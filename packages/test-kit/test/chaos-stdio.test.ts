import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alive, chaosServer, descendants, startStdioClient, temporaryDirectory } from '../src/index.ts';
import type { StdioClient, WireMessage } from '../src/index.ts';

/** Many tests share the machine. */
const SLOW = { timeout: 20_000 };

const start = (...parameters: readonly string[]): Promise<StdioClient> => {
  const { command, args } = chaosServer(...parameters);
  return startStdioClient(command, args);
};

const callTool = (client: StdioClient, name: string, parameters = {}): Promise<WireMessage> =>
  client.call('tools/call', { name, arguments: parameters });

function sendTool(client: StdioClient, id: string, name: string, parameters = {}): void {
  client.send({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: parameters } });
}

const textOf = ({ result }: WireMessage): string | undefined =>
  (result?.['content'] as readonly { text: string }[] | undefined)?.[0]?.text;
const toolsOf = ({ result }: WireMessage): { name: string; description: string }[] => result?.['tools'] as never;
const hasId = (id: string) => (message: WireMessage) => message.id === id;

describe('tools of the chaos server', () => {
  it('answer properly where they should', async () => {
    await using client = await start();
    expect((await client.initialize()).result).toMatchObject({ protocolVersion: '2025-11-25' });
    expect(textOf(await callTool(client, 'ok'))).toBe('ok');
    expect((await callTool(client, 'echo', { a: [1] })).result?.['structuredContent']).toEqual({ a: [1] });
    expect(textOf(await callTool(client, 'slow', { ms: 1 }))).toBe('slow');
    expect((await callTool(client, 'nothing')).error?.code).toBe(-32_602);
    expect((await client.call('no/such')).error?.code).toBe(-32_601);
  });

  it('crash ends the process without an answer', async () => {
    await using client = await start();
    sendTool(client, 'x', 'crash', { code: 7 });
    expect(await client.process.exited).toEqual({ code: 7, signal: null });
    expect(client.process.stdout.text()).toBe('');
  });

  it('crash-mid-write leaves half a line of JSON', async () => {
    await using client = await start();
    sendTool(client, 'x', 'crash-mid-write');
    await client.process.exited;
    await client.process.stdout.ended;
    const text = client.process.stdout.text();
    expect(text).toMatch(/^\{"jsonrpc"/);
    expect(text).not.toContain('\n');
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it('garbage is on stdout before the answer', async () => {
    await using client = await start();
    expect(textOf(await callTool(client, 'garbage'))).toBe('after the garbage');
    expect(client.process.stdout.text()).toMatch(/listening on stdio\n.*WARN.*"level":30/s);
  });

  it('endless-line sends so many bytes and no end of line', async () => {
    await using client = await start();
    sendTool(client, 'x', 'endless-line', { bytes: 300_000 });
    await expect.poll(() => client.process.stdout.text().length, SLOW).toBeGreaterThan(300_000);
    await expect(client.call('tools/call', { name: 'ok' }, 500)).rejects.toThrow('no matching line');
  });

  it('huge, deep and stderr-flood are as large as they are told to be', async () => {
    await using client = await start();
    expect(textOf(await callTool(client, 'huge', { bytes: 200_000 }))).toHaveLength(200_000);
    const deep = await callTool(client, 'deep', { n: 3 });
    expect(deep.result?.['structuredContent']).toEqual({ deep: [[[]]] });
    await callTool(client, 'stderr-flood', { bytes: 300_000 });
    await expect.poll(() => client.process.stderr.text().length, SLOW).toBeGreaterThanOrEqual(300_000);
  });

  it('duplicate-id answers twice, wrong-id answers somebody else', async () => {
    await using client = await start();
    sendTool(client, 'twice', 'duplicate-id');
    expect(textOf(await client.next(hasId('twice')))).toBe('first');
    expect(textOf(await client.next(hasId('twice')))).toBe('second');
    sendTool(client, 'mine', 'wrong-id');
    expect(textOf(await client.next(hasId('not-mine')))).toBe('for nobody');
    await expect(client.next(hasId('mine'), 50)).rejects.toThrow('no matching line');
  });

  it('late-response answers only when nobody waits any more', async () => {
    await using client = await start();
    sendTool(client, 'late', 'late-response');
    await expect(client.next(hasId('late'), 50)).rejects.toThrow('no matching line');
    client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'late' } });
    expect(textOf(await client.next(hasId('late')))).toBe('too late');
    expect((await callTool(client, 'stats')).result?.['structuredContent']).toMatchObject({
      tools: { 'late-response': 1, stats: 1 },
      cancelled: ['late'],
    });
  });

  it('slow is silent after a cancellation', async () => {
    await using client = await start();
    const params = { name: 'slow', arguments: { ms: 20 } };
    const call = { jsonrpc: '2.0', id: 'slow', method: 'tools/call', params };
    const cancellation = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'slow' } };
    // In one write: whatever is late, both are read together.
    client.sendBytes(`${JSON.stringify(call)}\n${JSON.stringify(cancellation)}\n`);
    await callTool(client, 'slow', { ms: 60 });
    await expect(client.next(hasId('slow'), 1)).rejects.toThrow('no matching line');
  });

  it('fork-grandchild leaves a process that outlives the server', async () => {
    await using client = await start();
    const result = (await callTool(client, 'fork-grandchild')).result?.['structuredContent'];
    const { pid, grandchild } = result as { pid: number; grandchild: number };
    try {
      expect(pid).toBe(client.process.pid);
      expect(descendants(pid)).toEqual([grandchild]);
      expect(descendants(process.pid)).toEqual(expect.arrayContaining([pid, grandchild]));
      await client.close();
      expect(alive(pid)).toBe(false);
      expect(alive(grandchild)).toBe(true);
    } finally {
      process.kill(grandchild, 'SIGKILL');
    }
    await expect.poll(() => alive(grandchild), SLOW).toBe(false);
  });

  it('echo-env shows its environment and nothing else', async () => {
    const { command, args } = chaosServer();
    await using client = await startStdioClient(command, args, { env: { ONLY: 'this' } });
    expect((await callTool(client, 'echo-env')).result?.['structuredContent']).toEqual({ ONLY: 'this' });
  });

  it('progress and log come before the answer', async () => {
    await using client = await start();
    const params = { name: 'progress', arguments: { n: 2 }, _meta: { progressToken: 't' } };
    client.send({ jsonrpc: '2.0', id: 'p', method: 'tools/call', params });
    const order = [];
    for (let index = 0; index < 3; index += 1) order.push(await client.next(() => true));
    expect(order.map((message) => message.method ?? 'answer')).toEqual([
      'notifications/progress',
      'notifications/progress',
      'answer',
    ]);
    await callTool(client, 'log', { n: 4 });
    for (let index = 0; index < 4; index += 1) {
      await client.next((message) => message.method === 'notifications/message', 100);
    }
  });

  it('ask-elicitation asks as its era does', async () => {
    await using client = await start('--era', 'dual');
    sendTool(client, 'ask', 'ask-elicitation');
    const question = await client.next((message) => message.method === 'elicitation/create');
    client.send({ jsonrpc: '2.0', id: question.id ?? null, result: { action: 'decline' } });
    expect(textOf(await client.next(hasId('ask')))).toBe('{"action":"decline"}');

    const params = { name: 'ask-elicitation', arguments: {} };
    const first = await client.callModern('tools/call', params);
    expect(first.result).toMatchObject({ resultType: 'input_required', requestState: 'asked' });
    const inputResponses = { name: { action: 'cancel' } };
    const second = await client.callModern('tools/call', { ...params, inputResponses, requestState: 'asked' });
    expect(textOf(second)).toBe('{"action":"cancel"}');
  });

  it('list-changed announces a tool that is there afterwards', async () => {
    await using client = await start();
    await callTool(client, 'list-changed');
    await client.next((message) => message.method === 'notifications/tools/list_changed');
    expect(toolsOf(await client.call('tools/list')).map((tool) => tool.name)).toContain('extra');
    expect(textOf(await callTool(client, 'extra'))).toBe('ok');
  });

  it('null-byte and bad-utf8 spoil the bytes', async () => {
    await using client = await start();
    expect(textOf(await callTool(client, 'null-byte'))).toBe('nul: \0');
    sendTool(client, 'raw', 'null-byte', { raw: true });
    await client.process.stdout.take((line) => line.includes('nul: \0'));
    expect(textOf(await callTool(client, 'bad-utf8'))).toBe('bad: \uFFFD(\uFFFD');
    expect(textOf(await callTool(client, 'partial-line'))).toBe('in pieces');
  });
});

describe('start-up modes of the chaos server', () => {
  it.each([
    ['legacy', 'server/discover', -32_601],
    ['modern', 'server/discover', undefined],
    ['dual', 'server/discover', undefined],
  ])('%s answers %s with %s', async (era, method, code) => {
    await using client = await start('--era', era);
    expect((await client.callModern(method)).error?.code).toBe(code);
  });

  it('modern refuses initialize', async () => {
    await using client = await start('--era', 'modern');
    expect((await client.call('initialize', { protocolVersion: '2025-11-25' })).error?.code).toBe(-32_022);
  });

  it('exits on start or on discover when told to', async () => {
    await using first = await start('--exit-on-start=9');
    expect((await first.process.exited).code).toBe(9);
    await using second = await start('--exit-on-discover');
    await second.call('ping');
    second.send({ jsonrpc: '2.0', id: 1, method: 'server/discover' });
    expect((await second.process.exited).code).toBe(1);
  });

  it('ignores SIGTERM and the end of its input when told to, and is killed all the same', async () => {
    await using client = await start('--ignore-sigterm', '--ignore-stdin-close');
    await client.call('ping');
    process.kill(client.process.pid, 'SIGTERM');
    expect((await client.call('ping')).error).toBeUndefined();
    client.process.closeStdin();
    expect(await client.process.stop(100)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('is silent when told to', async () => {
    await using client = await start('--silent');
    await expect(client.call('ping', {}, 300)).rejects.toThrow('no matching line');
  });

  it('starts late when told to', async () => {
    const before = performance.now();
    await using client = await start('--start-delay=300');
    await client.call('ping');
    expect(performance.now() - before).toBeGreaterThan(300);
  });

  it('floods stderr before it reads anything', async () => {
    await using client = await start('--flood-stderr-on-start');
    await client.call('ping');
    await expect.poll(() => client.process.stderr.text().length, SLOW).toBeGreaterThan(1_000_000);
  });

  it('gives so many tools on so many pages', async () => {
    await using client = await start('--tools=10', '--pages=3');
    const names: string[] = [];
    let [cursor, pages]: [unknown, number] = [undefined, 0];
    do {
      const page = await client.call('tools/list', cursor === undefined ? {} : { cursor });
      names.push(...toolsOf(page).map((tool) => tool.name));
      cursor = page.result?.['nextCursor'];
      pages += 1;
    } while (cursor !== undefined);
    expect(pages).toBe(3);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.startsWith('tool-'))).toHaveLength(10);
    expect((await client.call('tools/list', { cursor: 'page-3' })).error?.code).toBe(-32_602);
  });

  it('changes its mind about a tool, and takes the name of another', async () => {
    await using client = await start('--rug-pull=1', '--shadow=read_file', '--bad-schema');
    const [before, after] = [toolsOf(await client.call('tools/list')), toolsOf(await client.call('tools/list'))];
    const echo = (list: typeof before): string | undefined => list.find((tool) => tool.name === 'echo')?.description;
    expect(echo(before)).not.toBe(echo(after));
    expect(before.map((tool) => tool.name)).toEqual(expect.arrayContaining(['read_file', 'bad-schema']));
  });

  it('crashes after so many answers and leaves a trace of every start', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'starts');
    await using client = await start('--crash-after=2', `--record-start=${file}`);
    await client.call('ping');
    await client.call('ping');
    await client.process.exited;
    expect(await readFile(file, 'utf8')).toBe(`${client.process.pid}\n`);
  });
});
