import { expect, test } from 'vitest';
import { cutsOf, post, Stage } from './support.ts';

/** With bytes beyond ASCII, and what could be taken for another request. */
const TRICKY = '{"a":"\u00c3\u00a9\r\n\r\nPOST /mcp HTTP/1.1\r\n\r\n"}';
const REQUEST = post(TRICKY);

test('a request that is cut in two at any position is the same request, as the first one and as later ones', async () => {
  await using stage = await Stage.set();
  const whole = await (await stage.connect()).ask(REQUEST);
  expect(whole.body.endsWith(` ${TRICKY}`)).toBe(true);
  const cuts = cutsOf(REQUEST);
  await Promise.all(
    cuts.map(async ([start, end]) => {
      const client = await stage.connect();
      for (let round = 0; round < 4; round++) {
        await client.send(start);
        expect(client.text).toBe('');
        await client.send(end);
        const { status, body } = await client.answer();
        expect([status, body]).toEqual([200, whole.body]);
      }
    }),
  );
  expect(stage.calls.filter(({ by }) => by === 'direct')).toHaveLength(1 + cuts.length * 4);
  expect(stage.calls).toHaveLength(1 + cuts.length * 4);
  await stage.finish();
});

test('two requests at once, cut in two at any position, are two', async () => {
  await using stage = await Stage.set();
  await Promise.all(
    cutsOf(post('first') + post(TRICKY, '/servers/a/mcp')).map(async ([start, end]) => {
      const client = await stage.connect();
      await client.send(start);
      await client.send(end);
      const [one, two] = [await client.answer(), await client.answer()];
      expect(one.body).toMatch(/^POST \/mcp .* first$/);
      expect(two.body.startsWith('POST /servers/a/mcp ')).toBe(true);
      expect(two.body.endsWith(` ${TRICKY}`)).toBe(true);
      expect(client.text).toBe('');
    }),
  );
  expect(stage.ways).not.toContain('node');
  await stage.finish();
});

test('a request that comes byte by byte, one after the other', async () => {
  await using stage = await Stage.set();
  const client = await stage.connect();
  for (let round = 0; round < 3; round++) {
    for (const byte of REQUEST) await client.send(byte);
    expect((await client.answer()).body.endsWith(` ${TRICKY}`)).toBe(true);
    expect(client.text).toBe('');
  }
  expect(stage.ways).toBe('direct direct direct');
  await stage.finish();
});

test('a body in many pieces, and one that is empty', async () => {
  await using stage = await Stage.set();
  const client = await stage.connect();
  const body = 'abcdefghij'.repeat(20_000);
  const bytes = post(body);
  for (let at = 0; at < bytes.length; at += 30_000) await client.send(bytes.slice(at, at + 30_000));
  expect((await client.answer()).body.endsWith(` ${body}`)).toBe(true);
  expect((await client.ask(post(''))).body.endsWith('] ')).toBe(true);
  expect(stage.ways).toBe('direct direct');
  await stage.finish();
});
