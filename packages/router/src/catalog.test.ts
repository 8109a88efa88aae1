import type { ListName } from '@hostler/protocol';
import { describe, expect, it } from 'vitest';
import { buildCatalog } from './catalog.ts';
import type { ServerLists } from './catalog.ts';
import { publicName } from './public-name.ts';

const KINDS: readonly ListName[] = ['tool', 'prompt', 'resource', 'template'];

/** The lists of a server from the JSON text of its definitions. */
function server(name: string, lists: Partial<Record<ListName, Readonly<Record<string, string>>>>): ServerLists {
  const toDefinitions = (kind: ListName) =>
    Object.entries(lists[kind] ?? {}).map(([key, text]) => ({ key, bytes: Buffer.from(text) }));
  return {
    server: name,
    lists: {
      tool: toDefinitions('tool'),
      prompt: toDefinitions('prompt'),
      resource: toDefinitions('resource'),
      template: toDefinitions('template'),
    },
  };
}

function textOf(entry: { bytes: Uint8Array } | undefined): string {
  return Buffer.from(entry?.bytes ?? []).toString('utf8');
}

describe('buildCatalog', () => {
  it('names tools and prompts after their server and leaves resources and templates their URIs', () => {
    const catalog = buildCatalog([
      server('a', {
        tool: { t: '{"name":"t"}' },
        prompt: { p: '{"name":"p"}' },
        resource: { 'file:///r': '{"uri":"file:///r","name":"r"}' },
        template: { 'file:///{x}': '{"uriTemplate":"file:///{x}","name":"x"}' },
      }),
    ]);
    expect(KINDS.map((kind) => catalog.entries(kind).map(({ publicKey }) => publicKey))).toEqual([
      ['a__t'],
      ['a__p'],
      ['file:///r'],
      ['file:///{x}'],
    ]);
    expect(textOf(catalog.find('resource', 'file:///r'))).toBe('{"uri":"file:///r","name":"r"}');
  });

  it('changes the name in a definition and no other byte', () => {
    const text =
      '{"description" : "d","name":"t","inputSchema":{"maximum":9007199254740993, "x":1e400 },"x-unknown":[ ]}';
    const catalog = buildCatalog([server('a', { tool: { t: text } })]);
    expect(textOf(catalog.find('tool', 'a__t'))).toBe(text.replace('"t"', '"a__t"'));
  });

  it('keeps the order of the servers, then each server’s own', () => {
    const catalog = buildCatalog([
      server('z', { tool: { b: '{"name":"b"}', a: '{"name":"a"}' } }),
      server('a', { tool: { c: '{"name":"c"}', '10': '{"name":"10"}' } }),
    ]);
    expect(catalog.entries('tool').map(({ publicKey }) => publicKey)).toEqual(['z__b', 'z__a', 'a__10', 'a__c']);
  });

  it('serves the first of two that meet under one key, and reports the other', () => {
    const uri = 'file:///same';
    const catalog = buildCatalog([
      server('a', {
        resource: { [uri]: `{"uri":"${uri}","n":1}` },
        template: { '{x}': '{"uriTemplate":"{x}","n":1}' },
      }),
      server('b', {
        resource: { [uri]: `{"uri":"${uri}","n":2}` },
        template: { '{x}': '{"uriTemplate":"{x}","n":2}' },
      }),
      server('c', { resource: { [uri]: `{"uri":"${uri}","n":3}` } }),
    ]);
    const pair = (kind: ListName, key: string, hidden: string) => ({
      kind,
      publicKey: key,
      served: { server: 'a', key },
      hidden: { server: hidden, key },
    });
    expect(catalog.conflicts).toEqual([
      pair('resource', uri, 'b'),
      pair('resource', uri, 'c'),
      pair('template', '{x}', 'b'),
    ]);
    expect(textOf(catalog.find('resource', uri))).toContain('"n":1');
    expect(catalog.entries('resource')).toHaveLength(1);
  });

  it('reports a name that a server gives twice, and a name that looks like another’s digest', () => {
    const long = 'x'.repeat(100);
    const twin = publicName('a', long).slice('a__'.length);
    const lists = server('a', {});
    const tool = [long, twin, twin].map((key) => ({ key, bytes: Buffer.from('{"name":"?"}') }));
    const catalog = buildCatalog([{ ...lists, lists: { ...lists.lists, tool } }]);
    expect(catalog.conflicts).toHaveLength(2);
    expect(catalog.find('tool', publicName('a', long))?.key).toBe(long);
  });

  it('finds exactly what it lists, for any lists', () => {
    const keys = ['a', 'b__c', '_d', 'é', 'x'.repeat(128), 'toString', '__proto__', 'file:///1', 'file:///2'];
    for (let round = 0; round < 200; round++) {
      const lists = ['one', 'two', 'one-two'].map((name, place) => {
        const chosen = keys.filter((_, index) => ((round * 7 + place * 3) >> (index % 5)) % 2 === 0);
        const definitions = chosen.map((key) => ({ key, bytes: Buffer.from('{"name":"?"}') }));
        return { server: name, lists: { tool: definitions, prompt: definitions, resource: definitions, template: [] } };
      });
      const catalog = buildCatalog(lists);
      for (const kind of KINDS) {
        const entries = catalog.entries(kind);
        for (const entry of entries) expect(catalog.find(kind, entry.publicKey)).toBe(entry);
        expect(new Set(entries.map(({ publicKey }) => publicKey)).size).toBe(entries.length);
        const hidden = catalog.conflicts.filter((conflict) => conflict.kind === kind).length;
        const given = lists.reduce((sum, { lists: own }) => sum + own[kind].length, 0);
        expect(entries.length + hidden).toBe(given);
        const listed = new Set(entries.map(({ publicKey }) => publicKey));
        const asked = keys.flatMap((key) => [key, ...lists.map((list) => publicName(list.server, key))]);
        expect(asked.filter((key) => catalog.find(kind, key) !== undefined)).toEqual(
          asked.filter((key) => listed.has(key)),
        );
      }
    }
  });

  it('finds nothing under keys that objects are born with, nor in another kind', () => {
    const catalog = buildCatalog([server('a', { tool: { t: '{"name":"t"}' } })]);
    for (const key of ['__proto__', 'constructor', 'toString', '', 't', 'a__T'])
      expect(catalog.find('tool', key)).toBeUndefined();
    expect(catalog.find('prompt', 'a__t')).toBeUndefined();
  });

  it('shows the same whatever else is connected', () => {
    const own = server('a', { tool: { t: '{"name":"t"}', ['x'.repeat(99)]: '{"name":"x"}' } });
    const alone = buildCatalog([own]).entries('tool');
    const among = buildCatalog([server('b', { tool: { t: '{"name":"t"}' } }), own])
      .entries('tool')
      .filter((entry) => entry.server === 'a');
    expect(among).toEqual(alone);
  });

  it('is empty without servers', () => {
    const catalog = buildCatalog([]);
    expect(KINDS.flatMap((kind) => catalog.entries(kind))).toEqual([]);
    expect(catalog.conflicts).toEqual([]);
    expect(catalog.findResource('file:///x')).toBeUndefined();
  });
});

describe('findResource', () => {
  const catalog = buildCatalog([
    server('templates', { template: { 'file:///{path}': '{}', 'db://{table}': '{}' } }),
    server('other', { template: { 'file:///docs/{path}': '{}' }, resource: { 'file:///listed': '{}' } }),
  ]);

  it.each([
    ['file:///listed', 'other'],
    ['file:///docs/a', 'templates'],
    ['db://users', 'templates'],
    ['http://x', undefined],
    ['', undefined],
  ])('%s is read from %s', (uri, expected) => {
    expect(catalog.findResource(uri)?.server).toBe(expected);
  });
});
