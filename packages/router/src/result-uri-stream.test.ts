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
