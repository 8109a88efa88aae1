import { describe, expect, test } from 'vitest';
import { echo, later, post, someTurns, Stage, until } from './support.ts';
import type { Call, Client } from './support.ts';

const WHOLE = post('{"whole":true}');
const HALVES = { 'a half head': WHOLE.slice(0, 40), 'a head and half a body': WHOLE.slice(0, -5) };

/** Ways to leave. */
const LEAVES: Readonly<Record<string, (client: Client) => void>> = {
  'ends its half': ({ socket }) => void socket.end(),
  'resets the connection': (client) => client.reset(),
};

/** Another client is served as ever, and nothing is counted that is gone. */
async function goesOn(stage: Stage): Promise<void> {
  const another = await stage.connect();
  another.write(WHOLE);
  await until(() => stage.calls.at(-1)?.response.destroyed === false);
  echo(stage.calls.at(-1)!);
  expect((await another.answer()).status).toBe(200);
  await stage.finish();
}

describe.each(Object.entries(LEAVES))('a client that %s', (_, leave) => {
  test.each([0, 1])('while it is idle, after %i answers', async (count) => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    for (let round = 0; round < count; round++) {
      await client.send(WHOLE);
      echo(stage.calls[round]!);
      await client.answer();
    }
    leave(client);
    expect(await client.rest()).toBe('');
    await until(() => client.peer.destroyed);
    await goesOn(stage);
  });

  test.each(Object.entries(HALVES).flatMap(([name, half]) => [[name, half, 0] as const, [name, half, 1] as const]))(
    'behind %s, %# before',
    async (__, half, count) => {
      await using stage = await Stage.set({ answer: later });
      const client = await stage.connect();
      for (let round = 0; round < count; round++) {
        await client.send(WHOLE);
        echo(stage.calls[round]!);
        await client.answer();
      }
      await client.send(half);
      leave(client);
      expect(await client.rest()).not.toContain('200 OK');
      await until(() => client.peer.destroyed);
      // Half a request is none.
      expect(stage.calls).toHaveLength(count);
      await goesOn(stage);
    },
  );

  test('while an answer is due: the call is given up', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(WHOLE);
    const [call] = stage.calls as [Call];
    expect([call.closes, call.response.destroyed]).toEqual([0, false]);
    leave(client);
    await until(() => call.closes === 1);
    expect(call.response.destroyed).toBe(true);
    // Who does not know yet does no harm.
    echo(call);
    call.response.write(Buffer.from('more'));
    call.response.destroy();
    await someTurns();
    expect(call.closes).toBe(1);
    expect(await client.rest()).toBe('');
    await goesOn(stage);
  });

  test('while an answer has begun: the call is given up', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(WHOLE);
    const [call] = stage.calls as [Call];
    call.response.writeHead(200, { 'content-type': 'text/plain' });
    expect(call.response.write(Buffer.from('part'))).toBe(true);
    await until(() => client.text.includes('part'));
    leave(client);
    await until(() => call.closes === 1);
    expect(call.response.write(Buffer.from('more'))).toBe(false);
    call.response.end();
    expect(await client.rest()).not.toContain('\r\n0\r\n');
    await goesOn(stage);
  });

  test('while others wait behind an answer that is due: each is given up', async () => {
    await using stage = await Stage.set({ answer: later });
    const client = await stage.connect();
    await client.send(WHOLE.repeat(3));
    leave(client);
    // Nothing is read meanwhile, so that nobody knows before the answer is written.
    echo(stage.calls[0]!);
    await until(() => client.peer.destroyed || stage.calls.length === 2);
    await until(() => stage.calls.every(({ closes, response }) => closes === 1 && response.destroyed));
    await until(() => client.peer.destroyed);
    expect(stage.calls.length).toBeLessThan(3);
    await goesOn(stage);
  });
});

test('a request whose client ends its half with it is given up, as Node does', async () => {
  for (const isDirect of [true, false]) {
    await using stage = await Stage.set({ isDirect, answer: later });
    const client = await stage.connect();
    client.write(WHOLE);
    client.socket.end();
    await until(() => stage.calls.length === 1);
    await until(() => stage.calls[0]!.closes === 1);
    expect(await client.rest()).toBe('');
    await goesOn(stage);
  }
});

test('an answer that is on its way reaches a client that has ended its half', async () => {
  const size = 8 * 1_024 * 1_024;
  await using stage = await Stage.set({ answer: later });
  const client = await stage.connect();
  client.socket.pause();
  await client.send(WHOLE);
  const { response } = stage.calls[0]!;
  response.writeHead(200, { 'content-length': size });
  response.write(Buffer.alloc(size, 'a'));
  response.end();
  client.socket.end();
  await until(() => client.peer.readableEnded);
  client.socket.resume();
  expect((await client.answer()).body).toHaveLength(size);
  await client.rest();
  expect(client.error).toBeUndefined();
  await goesOn(stage);
});
