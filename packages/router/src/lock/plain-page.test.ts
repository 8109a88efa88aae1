import { JsonShapeError } from '@hostler/protocol';
import { describe, expect, it } from 'vitest';
import { plainPage } from './plain-page.ts';

const TOOL = { name: 'find', description: 'Finds.', inputSchema: { type: 'object' } };
const pageOf = (...tools: readonly object[]): Buffer =>
  Buffer.from(JSON.stringify({ tools, nextCursor: 'more', ttlMs: 5 }));
const toolsIn = (page: Uint8Array): unknown => (JSON.parse(Buffer.from(page).toString()) as { tools: unknown }).tools;

describe('plainPage', () => {
  it('is the same bytes where there is nothing to take out, however long it is', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => ({ ...TOOL, name: `find${index}` }));
    for (const page of [
      pageOf(),
      pageOf(TOOL),
      pageOf(...many),
      pageOf({ ...TOOL, description: 'Sucht „alles“ 👩‍💻' }),
    ]) {
      expect(plainPage(page, 'tool', 'strip')).toBe(page);
    }
  });

  it('takes hidden characters out of what is for readers, and leaves the rest as it is', () => {
    const page = plainPage(pageOf(TOOL, { ...TOOL, name: 'two', description: 'a\u202eb' }), 'tool', 'strip');
    expect(toolsIn(page)).toEqual([TOOL, { ...TOOL, name: 'two', description: 'ab' }]);
    expect(JSON.parse(Buffer.from(page).toString())).toMatchObject({ nextCursor: 'more', ttlMs: 5 });
  });

  it('leaves out what cannot be made plain, and what is far too long', () => {
    const odd = [
      { ...TOOL, name: 'fi\u200bnd' },
      { ...TOOL, name: 'fіnd' },
      { ...TOOL, name: 'x'.repeat(129), description: 'é' },
      { ...TOOL, name: 'long', description: 'x'.repeat(16_385) },
    ];
    expect(toolsIn(plainPage(pageOf(TOOL, ...odd), 'tool', 'strip'))).toEqual([TOOL]);
  });

  it('shows it, or leaves it out, where that is configured', () => {
    const page = pageOf(TOOL, { ...TOOL, name: 'two', description: 'a\u202eb' });
    expect(plainPage(page, 'tool', 'flag')).toBe(page);
    expect(toolsIn(plainPage(page, 'tool', 'hide'))).toEqual([TOOL]);
  });

  it('looks at templates and resources too', () => {
    const template = { uriTemplate: 'file:///{x}', name: 'x', description: 'a\u200bb' };
    const page = plainPage(Buffer.from(JSON.stringify({ resourceTemplates: [template] })), 'template', 'strip');
    expect(String(page)).toContain('"ab"');
  });

  it('lets nothing through that readers would take apart in other ways', () => {
    const twice = '{"name":"two","description":"a\u202eb","description":"ab"}';
    const page = plainPage(Buffer.from(`{"tools":[${JSON.stringify(TOOL)},${twice}]}`), 'tool', 'strip');
    expect(toolsIn(page)).toEqual([TOOL]);
    for (const text of ['{"tools":"\u202e"}', '{"tools":[],"tools":["\u202e"]}']) {
      expect(() => plainPage(Buffer.from(text), 'tool', 'strip')).toThrow(JsonShapeError);
    }
  });
});
