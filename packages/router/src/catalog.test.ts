import type { OfferSpec } from '@hostler/kernel';
import type { ListName } from '@hostler/protocol';
import { describe, expect, it } from 'vitest';
import { buildCatalog, buildOwnCatalog } from './catalog.ts';
import type { Catalog } from './catalog.ts';
import type { DefinitionLists } from './definition.ts';
import { offerServer } from './offered-server.ts';
import type { OfferedServer } from './offered-server.ts';
import { publicName } from './public-name.ts';

const KINDS: readonly ListName[] = ['tool', 'prompt', 'resource', 'template'];

type Texts = Partial<Record<ListName, Readonly<Record<string, string>>>>;

/** What a server offers, from the JSON text of its definitions. */
function server(name: string, lists: Texts, offer?: OfferSpec): OfferedServer {
  return offerServer({ server: name, lists: definitions(lists), offer });
}

function definitions(lists: Texts): DefinitionLists {
  const toDefinitions = (kind: ListName) =>
    Object.entries(lists[kind] ?? {}).map(([key, text]) => ({ key, bytes: Buffer.from(text) }));
  return {
    tool: toDefinitions('tool'),
    prompt: toDefinitions('prompt'),
    resource: toDefinitions('resource'),
    template: toDefinitions('template'),
  };
}

function publicKeys({ entries }: Pick<Catalog, 'entries'>, kind: ListName): string[] {
  return entries(kind).map(({ publicKey }) => publicKey);
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

  it('leaves the plain URI to the first server and qualifies it for the others', () => {
    const uri = 'file:///same';
    const texts = (n: number): Texts => ({
      resource: { [uri]: `{"n":${n}, "uri":"${uri}"}` },
      template: { 'x:{x}': `{"uriTemplate":"x:{x}","n":${n}}` },
    });
    const catalog = buildCatalog([server('a', texts(1)), server('b', texts(2)), server('c', texts(3))]);
    expect(publicKeys(catalog, 'resource')).toEqual([uri, `hostler://b/${uri}`, `hostler://c/${uri}`]);
    expect(publicKeys(catalog, 'template')).toEqual(['x:{x}', 'hostler://b/x:{x}', 'hostler://c/x:{x}']);
    expect(textOf(catalog.find('resource', `hostler://b/${uri}`))).toBe(`{"n":2,"uri":"hostler://b/${uri}"}`);
    expect(textOf(catalog.find('template', 'hostler://c/x:{x}'))).toBe('{"uriTemplate":"hostler://c/x:{x}","n":3}');
    expect(catalog.conflicts.map(({ problem, server: whose, kind, key }) => [problem, whose, kind, key])).toEqual([
      ['uri-shared', 'b', 'resource', uri],
      ['uri-shared', 'b', 'template', 'x:{x}'],
      ['uri-shared', 'c', 'resource', uri],
      ['uri-shared', 'c', 'template', 'x:{x}'],
    ]);
  });

  it('accepts the qualified form of every server, whether it needs one or not', () => {
    const catalog = buildCatalog([
      server('a', { resource: { 'file:///a': '{"uri":"file:///a"}' }, template: { 'a:{x}': '{}' } }),
      server('b', {}),
    ]);
    expect(catalog.find('resource', 'hostler://a/file:///a')?.key).toBe('file:///a');
    expect(catalog.find('template', 'hostler://a/a:{x}')?.key).toBe('a:{x}');
    expect(catalog.findResource('hostler://a/file:///a')).toEqual({ server: 'a', key: 'file:///a' });
    expect(catalog.findResource('hostler://b/anything at all')).toEqual({ server: 'b', key: 'anything at all' });
    expect(catalog.findResource('hostler://c/file:///a')).toBeUndefined();
    expect(catalog.findResource('hostler://a')).toBeUndefined();
  });

  it('qualifies what a template of a server before it would catch, and a template that would catch what that one has', () => {
    const catalog = buildCatalog([
      server('a', { resource: { 'log://today': '{"uri":"log://today"}' }, template: { 'file:///{path}': '{}' } }),
      server('b', {
        resource: { 'file:///b': '{"uri":"file:///b"}', 'db://b': '{"uri":"db://b"}' },
        template: { 'file:///docs/{x}': '{}', 'log://{day}': '{}', 'db://{x}': '{}' },
      }),
    ]);
    expect(publicKeys(catalog, 'resource')).toEqual(['log://today', 'hostler://b/file:///b', 'db://b']);
    expect(publicKeys(catalog, 'template')).toEqual([
      'file:///{path}',
      'hostler://b/file:///docs/{x}',
      'hostler://b/log://{day}',
      'db://{x}',
    ]);
  });

  it('leads every public URI, listed or made from a public template, back to its server', () => {
    const uris = ['f:a', 'f:b', 'f:ab', 'g:a', 'hostler://one/f:a', 'hostler://two/', 'hostler://nobody/f:a'];
    const templates = ['f:{x}', 'f:a{x}', '{x}:a', 'g:{x}', 'hostler://one/{x}'];
    for (let round = 0; round < 300; round++) {
      const pick = (all: readonly string[], salt: number) =>
        all.filter((_, index) => ((round * 13 + salt * 7) >> (index % 7)) & 1);
      const servers = ['one', 'two', 'three'].map((name, place) =>
        server(name, {
          resource: Object.fromEntries(pick(uris, place).map((uri) => [uri, `{"uri":"${uri}"}`])),
          template: Object.fromEntries(pick(templates, place + 3).map((text) => [text, `{"uriTemplate":"${text}"}`])),
        }),
      );
      const catalog = buildCatalog(servers);
      for (const { server: whose, key, publicKey } of catalog.entries('resource')) {
        expect(catalog.findResource(publicKey)).toEqual({ server: whose, key });
        expect(catalog.publicUri(whose, key)).toBe(publicKey);
      }
      for (const { server: whose, key, publicKey } of catalog.entries('template')) {
        for (const value of ['a', 'b', 'f', '', 'two/f:a']) {
          const expand = (template: string) => template.replace('{x}', value);
          expect(catalog.findResource(expand(publicKey))).toEqual({ server: whose, key: expand(key) });
        }
      }
      for (const whose of ['one', 'two', 'three']) {
        for (const uri of [...uris, 'unlisted:x', 'f:zzz']) {
          expect(catalog.findResource(catalog.publicUri(whose, uri))).toEqual({ server: whose, key: uri });
        }
      }
    }
  });

  it('reports a name that a server gives twice, and a name that looks like another’s digest', () => {
    const long = 'x'.repeat(100);
    const twin = publicName('a', long).slice('a__'.length);
    const tool = [long, twin, twin].map((key) => ({ key, bytes: Buffer.from('{"name":"?"}') }));
    const catalog = buildCatalog([offerServer({ server: 'a', lists: { ...definitions({}), tool } })]);
    expect(catalog.conflicts.map(({ problem, key }) => [problem, key])).toEqual([
      ['duplicate', twin],
      ['name-taken', twin],
    ]);
    expect(catalog.find('tool', publicName('a', long))?.key).toBe(long);
    expect(catalog.entries('tool')).toHaveLength(1);
  });

  it('finds exactly what it lists, for any lists', () => {
    const keys = ['a', 'b__c', '_d', 'é', 'x'.repeat(128), 'toString', '__proto__', 'file:///1', 'file:///2'];
    for (let round = 0; round < 200; round++) {
      const lists = ['one', 'two', 'one-two'].map((name, place) => {
        const chosen = keys.filter((_, index) => ((round * 7 + place * 3) >> (index % 5)) % 2 === 0);
        const own = chosen.map((key) => ({ key, bytes: Buffer.from('{"name":"?"}') }));
        return offerServer({ server: name, lists: { tool: own, prompt: own, resource: own, template: [] } });
      });
      const catalog = buildCatalog(lists);
      for (const kind of KINDS) {
        const entries = catalog.entries(kind);
        for (const entry of entries) expect(catalog.find(kind, entry.publicKey)).toBe(entry);
        expect(new Set(entries.map(({ publicKey }) => publicKey)).size).toBe(entries.length);
        const hidden = catalog.conflicts.filter(
          (conflict) => conflict.kind === kind && conflict.problem === 'name-taken',
        ).length;
        const given = lists.reduce((sum, { entries: own }) => sum + own[kind].length, 0);
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
    server('last', { resource: { 'own:x': '{}' } }),
  ]);

  it.each([
    ['file:///listed', 'templates'],
    ['hostler://other/file:///listed', 'other'],
    ['file:///docs/a', 'templates'],
    ['db://users', 'templates'],
    ['own:x', 'last'],
    ['http://x', undefined],
    ['', undefined],
  ])('%s is read from %s', (uri, expected) => {
    expect(catalog.findResource(uri)?.server).toBe(expected);
  });
});

describe('buildOwnCatalog', () => {
  const lists = definitions({
    tool: { t: '{"name":"t"}' },
    resource: { 'file:///a': '{"uri":"file:///a"}', 'hostler://a/x': '{"uri":"hostler://a/x"}' },
    template: { 'file:///{x}': '{}' },
  });
  const offer = { exclude: ['resource:file:///secret*'] };
  const catalog = buildOwnCatalog(offerServer({ server: 'a', lists, offer, naming: 'own' }));

  it('leaves names and URIs as the server has them', () => {
    expect(KINDS.map((kind) => publicKeys(catalog, kind))).toEqual([
      ['t'],
      [],
      ['file:///a', 'hostler://a/x'],
      ['file:///{x}'],
    ]);
    expect(textOf(catalog.find('tool', 't'))).toBe('{"name":"t"}');
    expect(catalog.find('resource', 'hostler://a/x')?.key).toBe('hostler://a/x');
    expect(catalog.publicUri('a', 'hostler://a/x')).toBe('hostler://a/x');
  });

  it.each([
    ['file:///a', true],
    ['hostler://a/x', true],
    ['anything', true],
    ['file:///secret/1', false],
  ])('reads %s: %s', (uri, expected) => {
    expect(catalog.findResource(uri)).toEqual(expected ? { server: 'a', key: uri } : undefined);
  });
});
