import { Agent, fetch } from 'undici';
import { describe, expect, test } from 'vitest';
import { echo, later, post, someTurns, Stage, until } from './support.ts';

const KIB = 1_024;

describe('requests at once', () => {
  test.each([2, 5])('%i are answered in their order, one at a time', async (count) => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(Array.from({ length: count }, (_, index) => post(`${index}`)).join(''));
    for (let index = 0; index < count; index++) {
      await until(() => stage.calls.length > index);
      await someTurns();
      // None is begun before the one before it is answered.
      expect([stage.calls.length, client.text]).toEqual([index + 1, '']);
      echo(stage.calls[index]!);
      expect((await client.answer()).body.endsWith(` ${index}`)).toBe(true);
    }
    await someTurns();
    expect([stage.calls.length, client.text]).toEqual([count, '']);
    // It goes on as if nothing had been.
    await client.send(post('more'));
    echo(stage.calls.at(-1)!);
    expect((await client.answer()).body.endsWith(' more')).toBe(true);
    expect(stage.ways).not.toContain('node');
    await stage.finish();
  });

  test('that are answered at once', async () => {
    await using stage = await Stage.set();
    const client = await stage.connect();
    client.write(Array.from({ length: 1_000 }, (_, index) => post(`${index}`)).join(''));
    for (let index = 0; index < 1_000; index++) expect((await client.answer()).body.endsWith(` ${index}`)).toBe(true);
    expect(stage.ways).not.toContain('node');
    await stage.finish();
  });

  test('one of which the beginning came while the one before it was answered', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    const next = post('next');
    await client.send(post('first') + next.slice(0, 20));
    echo(stage.calls[0]!);
    await client.answer();
    await client.send(next.slice(20, -2));
    expect(stage.calls).toHaveLength(1);
    await client.send(next.slice(-2));
    echo(stage.calls[1]!);
    expect((await client.answer()).body.endsWith(' next')).toBe(true);
    await stage.finish();
  });

  test('something else behind them is answered after them, and by Node', async () => {
    await using stage = await Stage.set({ answer: (call) => (call.body === 'first' ? undefined : echo(call)) });
    const client = await stage.connect();
    await client.send(`${post('first')}${post('second')}GET /other HTTP/1.1\r\nHost: a\r\n\r\n${post('fourth')}`);
    expect(stage.ways).toBe('direct');
    echo(stage.calls[0]!);
    for (const path of ['/mcp', '/mcp', '/other', '/mcp']) expect((await client.answer()).body).toContain(` ${path} `);
    expect(stage.ways).toBe('direct direct node node');
    await stage.finish();
  });

  test.each([
    ['with them', ''],
    ['before them', post('first')],
  ])('not more is read than a little, while one that came %s is answered, nor later', async (_, first) => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    const request = post('x'.repeat(100));
    await client.send(first);
    client.write(request.repeat((8_192 * KIB) / request.length));
    await until(() => stage.calls.length === 1);
    await someTurns();
    expect(client.peer.bytesRead).toBeLessThan(512 * KIB);
    for (let round = 1; round <= 40; round++) {
      echo(stage.calls.at(-1)!);
      await until(() => stage.calls.length > round);
      await someTurns();
    }
    // What was answered is far less than one piece.
    expect(client.peer.bytesRead).toBeLessThan(512 * KIB);
    client.reset();
  });

  test('whoever leaves while the last of them is answered is noticed', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(post('first'));
    await client.send(post('second'));
    echo(stage.calls[0]!);
    await until(() => stage.calls.length === 2);
    client.reset();
    await until(() => stage.calls[1]!.closes === 1);
    expect(stage.calls[1]!.response.destroyed).toBe(true);
  });
});

describe('requests one after the other', () => {
  test('many over one connection', async () => {
    await using stage = await Stage.set();
    const client = await stage.connect();
    for (let index = 0; index < 500; index++) {
      const { fields, body } = await client.ask(post(`${index}`));
      expect(body.endsWith(` ${index}`)).toBe(true);
      expect(fields).toMatchObject({ connection: 'keep-alive', 'keep-alive': 'timeout=65' });
    }
    expect([stage.sockets.length, stage.calls.length]).toEqual([1, 500]);
    expect(stage.ways).not.toContain('node');
    expect(stage.calls.every(({ closes }) => closes === 1)).toBe(true);
    await stage.finish();
  });

  test('over several connections at once', async () => {
    await using stage = await Stage.set();
    const clients = await Promise.all(Array.from({ length: 20 }, () => stage.connect()));
    await Promise.all(
      clients.map(async (client, own) => {
        for (let index = 0; index < 20; index++) {
          expect((await client.ask(post(`${own}-${index}`))).body.endsWith(` ${own}-${index}`)).toBe(true);
        }
      }),
    );
    expect(stage.ways).not.toContain('node');
    await stage.finish();
  });

  test('of undici, and its other requests over the same connection', async () => {
    await using stage = await Stage.set();
    const agent = new Agent({ connections: 1, pipelining: 1 });
    const ask = async (method: string, body?: string): Promise<string> => {
      const answer = await fetch(`${stage.url}/mcp`, { method, dispatcher: agent, ...(body && { body }) });
      return answer.text();
    };
    for (let index = 0; index < 20; index++) expect(await ask('POST', `${index}`)).toMatch(new RegExp(` ${index}$`));
    expect([stage.ways, stage.sockets.length]).toEqual([Array(20).fill('direct').join(' '), 1]);
    expect(await ask('GET')).toMatch(/^GET \/mcp /);
    expect(await ask('DELETE')).toMatch(/^DELETE \/mcp /);
    expect(await ask('POST', 'last')).toMatch(/ last$/);
    expect(stage.ways.endsWith('direct node node node')).toBe(true);
    expect(stage.sockets).toHaveLength(1);
    await stage.finish();
    await agent.close();
  });
});
