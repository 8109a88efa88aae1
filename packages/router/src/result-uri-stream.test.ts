import { describe, expect, test } from 'vitest';
import { ResultUriStream } from './result-uri-stream.ts';
import { renameResultUris } from './result-uris.ts';

const rename = (uri: string): string => (uri.startsWith('keep:') ? uri : `public://${uri}`);

function streamed(method: string, result: Uint8Array, cuts: () => number): string {
  const stream = new ResultUriStream(method, rename);
  const out: Uint8Array[] = [];
  for (let at = 0; at < result.length;) {
    const size = cuts();
    out.push(...stream.push(result.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat(out).toString();
}

function whole(method: string, result: Uint8Array): string {
  return Buffer.from(renameResultUris(method, result, rename)).toString();
}

/** Numbers from 0 to 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const URIS = ['a:/b', 'keep:/c', 'a:/"quoted"', 'a:/ü/\n'];

function block(random: () => number): object {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const uri = pick(URIS);
  const text = 'long '.repeat(Math.floor(random() * 40));
  return pick([
    { type: 'text', text },
    { type: 'text', text, uri },
    { type: 'resource_link', uri, name: text },
    { uri, name: text, type: 'resource_link' },
    { name: text, uri, type: 'text' },
    { type: 'resource', resource: { uri, text } },
    { resource: { text, uri, mimeType: 'text/plain' }, type: 'resource' },
    { resource: { uri: 7, text }, type: 'resource', uri },
    { annotations: { uri, resource: { uri } }, type: 'resource_link', list: [{ uri, type: 'resource' }] },
    { uri },
    [uri, { uri, type: 'resource_link' }],
  ]);
}

function result(random: () => number): Uint8Array {
  const content = Array.from({ length: Math.floor(random() * 6) }, () => block(random));
  const value = { uri: 'a:/top', structuredContent: { content: [{ uri: 'a:/not' }] }, content, contents: content };
  return Buffer.from(JSON.stringify(value, undefined, random() < 0.3 ? 2 : 0));
}

describe('URIs of a result that arrives in pieces', () => {
  test.each(['tools/call', 'resources/read'])('are renamed as in a whole one (%s)', (method) => {
    for (let seed = 1; seed <= 400; seed += 1) {
      const random = seeded(seed);
      const bytes = result(random);
      const expected = whole(method, bytes);
      expect(streamed(method, bytes, () => 1 + Math.floor(random() * 40))).toBe(expected);
      expect(streamed(method, bytes, () => 1)).toBe(expected);
    }
  });

  test('a block of which the type does not come for long is taken for a resource', () => {
    const text = 'x'.repeat(2 * 1024 * 1024);
    const bytes = Buffer.from(JSON.stringify({ content: [{ uri: 'a:/b', text, type: 'text' }] }));
    const out = streamed('tools/call', bytes, () => 64 * 1024);
    expect(out.slice(0, 40)).toBe('{"content":[{"uri":"public://a:/b","text');
    expect(out.length).toBe(bytes.length + 'public://'.length);
  });

  test('a URI that is larger than any is left as it is', () => {
    const uri = `a:/${'x'.repeat(70 * 1024)}`;
    const bytes = Buffer.from(JSON.stringify({ content: [{ type: 'resource_link', uri }] }));
    expect(streamed('tools/call', bytes, () => 10_000)).toBe(bytes.toString());
  });
});

describe('what waits', () => {
  const push = (stream: ResultUriStream, text: string): string =>
    Buffer.concat([...stream.push(Buffer.from(text))]).toString();

  test('is there from a URI whose block has no type yet until the type has come', () => {
    const stream = new ResultUriStream('tools/call', rename);
    push(stream, '{"content":[{"type":"text","text":"a"},{');
    expect(stream.isHolding).toBe(false);
    push(stream, '"uri":"a:/b","name":"x');
    expect(stream.isHolding).toBe(true);
    push(stream, 'y"');
    expect(stream.isHolding).toBe(true);
    expect(push(stream, ',"type":"resource_link"}')).toBe('"public://a:/b","name":"xy","type":"resource_link"}');
    expect(stream.isHolding).toBe(false);
  });

  test('is nothing where the type came first, where none is needed, and within a URI, of which a copy is kept', () => {
    const call = new ResultUriStream('tools/call', rename);
    push(call, '{"content":[{"type":"resource_link","uri":"a:/b');
    expect(call.isHolding).toBe(false);
    push(call, '/c","name":"x');
    expect(call.isHolding).toBe(false);
    const read = new ResultUriStream('resources/read', rename);
    push(read, '{"contents":[{"uri":"a:/b","text":"x');
    expect(read.isHolding).toBe(false);
  });

  test('is nothing when too much would wait', () => {
    const stream = new ResultUriStream('tools/call', rename);
    push(stream, '{"content":[{"uri":"a:/b","text":"');
    push(stream, 'x'.repeat(1024 * 1024 + 1));
    expect(stream.isHolding).toBe(false);
  });

  test.each(['tools/call', 'resources/read'])(
    'where nothing waits, what was pushed may be written over (%s)',
    (method) => {
      for (let seed = 1; seed <= 100; seed += 1) {
        const random = seeded(seed);
        const bytes = result(random);
        const stream = new ResultUriStream(method, rename);
        const out: Buffer[] = [];
        for (let at = 0; at < bytes.length;) {
          const piece = Buffer.from(bytes.subarray(at, at + 1 + Math.floor(random() * 40)));
          const passed = stream.push(piece);
          // What went on is out by the time that it is asked.
          if (stream.isHolding) out.push(...(passed as Buffer[]));
          else {
            out.push(Buffer.concat([...passed]));
            piece.fill('#');
          }
          at += piece.length;
        }
        expect(Buffer.concat(out).toString()).toBe(whole(method, bytes));
      }
    },
  );
});
