import { isHostlerError } from '@hostler/kernel';
import { listKinds } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { describe, expect, it } from 'vitest';
import { buildCatalog } from './catalog.ts';
import type { Catalog } from './catalog.ts';
import { readDefinitions, readNextCursor } from './definition.ts';
import { offerServer } from './offered-server.ts';
import { listPage as pageAt, startOfPage } from './page.ts';

/** The whole result of a page. */
function listPage(catalog: Catalog, kind: ListName, cursor?: string): Uint8Array {
  const { members } = pageAt(catalog, kind, startOfPage(catalog, kind, cursor));
  return Buffer.concat([Buffer.from('{'), members, Buffer.from('}')]);
}

function catalogOf(names: readonly string[], kind: ListName = 'tool'): Catalog {
  const definitions = names.map((name) => ({ key: name, bytes: Buffer.from(`{"${listKinds[kind].key}":"${name}"}`) }));
  const lists = { tool: [], prompt: [], resource: [], template: [], [kind]: definitions };
  return buildCatalog([offerServer({ server: 's', lists })]);
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `t${index}`);
}

function read(catalog: Catalog, kind: ListName, cursor?: string): { keys: string[]; next: string | undefined } {
  const bytes = listPage(catalog, kind, cursor);
  JSON.parse(Buffer.from(bytes).toString('utf8'));
  const { definitions } = readDefinitions(bytes, listKinds[kind]);
  return { keys: definitions.map(({ key }) => key), next: readNextCursor(bytes) };
}

function problem(catalog: Catalog, kind: ListName, cursor: string): string {
  try {
    listPage(catalog, kind, cursor);
  } catch (thrown) {
    if (isHostlerError(thrown)) return thrown.code;
    throw thrown;
  }
  return 'accepted';
}

describe('listPage', () => {
  it('is the whole list on one page as long as it holds up to 1,000 entries', () => {
    expect(Buffer.from(listPage(catalogOf([]), 'tool')).toString()).toBe('{"tools":[]}');
    expect(Buffer.from(listPage(catalogOf(['a', 'b']), 'tool')).toString()).toBe(
      '{"tools":[{"name":"s__a"},{"name":"s__b"}]}',
    );
    expect(read(catalogOf(numbered(1000)), 'tool').next).toBeUndefined();
    expect(read(catalogOf(numbered(1001)), 'tool').next).toBeDefined();
  });

  it.each(['tool', 'prompt', 'resource', 'template'] as const)(
    'leads through 2,500 entries of kind %s once each, in order',
    (kind) => {
      const catalog = catalogOf(numbered(2500), kind);
      const sizes: number[] = [];
      const keys: string[] = [];
      let cursor: string | undefined;
      do {
        const page = read(catalog, kind, cursor);
        sizes.push(page.keys.length);
        keys.push(...page.keys);
        cursor = page.next;
      } while (cursor !== undefined);
      expect(sizes).toEqual([1000, 1000, 500]);
      expect(keys).toEqual(catalog.entries(kind).map(({ publicKey }) => publicKey));
      expect(new Set(keys).size).toBe(2500);
    },
  );

  it('begins a new page before a page grows beyond 4 MiB', () => {
    const big = JSON.stringify('x'.repeat(1_500_000));
    const tool = ['a', 'b', 'c', 'd'].map((key) => ({ key, bytes: Buffer.from(`{"name":"${key}","d":${big}}`) }));
    const lists = { tool, prompt: [], resource: [], template: [] };
    const catalog = buildCatalog([offerServer({ server: 's', lists })]);
    const first = read(catalog, 'tool');
    expect(first.keys).toEqual(['s__a', 's__b']);
    expect(read(catalog, 'tool', first.next)).toEqual({ keys: ['s__c', 's__d'], next: undefined });
  });

  it('keeps what else is on the list whole when the list changes between two pages', () => {
    const names = numbered(2500);
    const { keys, next } = read(catalogOf(names), 'tool');
    const changed = catalogOf(['new', ...names.filter((name) => name !== 't5' && name !== 't1500'), 'newer']);
    const second = read(changed, 'tool', next);
    const third = read(changed, 'tool', second.next);
    const rest = numbered(2500)
      .slice(1000)
      .filter((name) => name !== 't1500');
    expect([...second.keys, ...third.keys]).toEqual([...rest, 'newer'].map((name) => `s__${name}`));
    expect(keys).toHaveLength(1000);
  });

  it('refuses a cursor whose entry is gone', () => {
    const names = numbered(1500);
    const { next } = read(catalogOf(names), 'tool');
    expect(problem(catalogOf(names.filter((name) => name !== 't999')), 'tool', next ?? '')).toBe(
      'PROTOCOL_INVALID_PARAMS',
    );
  });

  it('refuses cursors that are foreign, garbled, or of another list', () => {
    const catalog = catalogOf(numbered(1500));
    const next = read(catalog, 'tool').next ?? '';
    const other = read(catalogOf(numbered(1500), 'prompt'), 'prompt').next ?? '';
    const garbled = [
      '',
      'x',
      '5',
      'null',
      '🦊',
      'dG9vbDo',
      `${next}=`,
      `${next}!`,
      ` ${next}`,
      next.slice(1),
      next.toUpperCase(),
      other,
    ];
    for (const cursor of garbled) expect(problem(catalog, 'tool', cursor)).toBe('PROTOCOL_INVALID_PARAMS');
    expect(problem(catalog, 'prompt', next)).toBe('PROTOCOL_INVALID_PARAMS');
    expect(problem(catalog, 'tool', next)).toBe('accepted');
  });

  it('echoes nothing of a cursor that it refuses', () => {
    expect(() => listPage(catalogOf([]), 'tool', 'hunter2')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('gives an empty last page when the entries behind the cursor are gone', () => {
    const { next } = read(catalogOf(numbered(1500)), 'tool');
    expect(read(catalogOf(numbered(1000)), 'tool', next)).toEqual({ keys: [], next: undefined });
  });
});
