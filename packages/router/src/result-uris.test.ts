import { describe, expect, it } from 'vitest';
import { renameResultUris } from './result-uris.ts';

const rename = (uri: string): string => (uri.startsWith('file:') ? `hostler://b/${uri}` : uri);

function renamed(method: string, text: string): string {
  return Buffer.from(renameResultUris(method, Buffer.from(text), rename)).toString();
}

describe('renameResultUris', () => {
  it('renames links and embedded resources of a tool result, and no other byte', () => {
    const text =
      ' {"x" : 9007199254740993, "content":[ {"type":"text","text":"\\"uri\\":\\"file:///a\\""},' +
      '{"uri" :"file:///a","type":"resource_link","name":"uri"} , {"type":"resource","resource":{"text":"1","uri":"file:\\/\\/\\/b"}}],' +
      '"structuredContent":{"uri":"file:///c","content":[{"type":"resource_link","uri":"file:///c"}]},"_meta":{"uri":"file:///d"} }';
    expect(renamed('tools/call', text)).toBe(
      text
        .replace('"uri" :"file:///a"', '"uri" :"hostler://b/file:///a"')
        .replace('"uri":"file:\\/\\/\\/b"', '"uri":"hostler://b/file:///b"'),
    );
  });

  it('renames in prompt messages and in contents of resources', () => {
    expect(
      renamed(
        'prompts/get',
        '{"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"file:///a","text":""}}},{"role":"user","content":{"type":"text","text":"uri"}}]}',
      ),
    ).toContain('"uri":"hostler://b/file:///a"');
    expect(renamed('resources/read', '{"contents":[{"uri":"file:///a"},{"uri":"db://x"}]}')).toBe(
      '{"contents":[{"uri":"hostler://b/file:///a"},{"uri":"db://x"}]}',
    );
  });

  it.each([
    ['another method', 'completion/complete', '{"contents":[{"uri":"file:///a"}]}'],
    ['no URI', 'tools/call', '{"content":[{"type":"text","text":"file:///a"}]}'],
    ['nothing to rename', 'tools/call', '{"content":[{"type":"resource_link","uri":"db://x"}]}'],
    ['a URI of another type', 'tools/call', '{"content":[{"type":"resource_link","uri":{"file:":1}}]}'],
    ['an unknown block', 'tools/call', '{"content":[{"type":"other","uri":"file:///a"}]}'],
    ['content that is no list', 'tools/call', '{"content":{"type":"resource_link","uri":"file:///a"}}'],
    ['a block that is no object', 'tools/call', '{"content":["uri",null,7,"\\"uri\\""],"uri":"file:///a"}'],
    [
      'a resource that is no object',
      'tools/call',
      '{"content":[{"type":"resource","resource":"uri","uri":"file:///a"}]}',
    ],
    ['a result that is no object', 'tools/call', '[{"content":[{"type":"resource_link","uri":"file:///a"}]}]'],
    [
      'a key that stands twice',
      'tools/call',
      '{"content":[{"type":"resource_link","uri":"file:///a","uri":"file:///b"}]}',
    ],
    ['a broken literal', 'tools/call', '{"content":[{"type":nope,"uri":"file:///a"}]}'],
    ['an input question', 'tools/call', '{"resultType":"input_required","inputRequests":{"a":{"uri":"file:///a"}}}'],
  ])('gives back the same bytes for %s', (_, method, text) => {
    const bytes = Buffer.from(text);
    expect(renameResultUris(method, bytes, rename)).toBe(bytes);
  });

  it('keeps text beyond ASCII whole on both sides of what it replaces', () => {
    const text = '{"content":[{"type":"text","text":"é🦊"},{"type":"resource_link","uri":"file:///ü","name":"🦊"}]}';
    expect(renamed('tools/call', text)).toBe(text.replace('file:///ü', 'hostler://b/file:///ü'));
  });
});
