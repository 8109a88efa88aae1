import type { Json } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { describeDiscover, describeInitialize, discoverResult, initializeResult } from './server-description.ts';

const initialized = {
  protocolVersion: '2025-06-18',
  serverInfo: { name: 'old', version: '1', title: 'Old' },
  capabilities: { tools: { listChanged: true }, tasks: { list: {} }, 'x-unknown': {} },
  instructions: 'Be kind.',
  'x-more': [1],
};

const discovered = {
  resultType: 'complete',
  supportedVersions: ['2027-03-01', '2026-07-28'],
  capabilities: { tools: {}, extensions: { 'io.example/x': {} } },
  instructions: 'Be quick.',
  ttlMs: 1000,
  cacheScope: 'public',
  _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'new', version: '2' }, other: 1 },
  'x-more': [2],
};

describe('a legacy server', () => {
  it('is described by its initialize result', () => {
    expect(describeInitialize(initialized)).toEqual({
      era: 'legacy',
      revisions: ['2025-06-18'],
      info: initialized.serverInfo,
      capabilities: initialized.capabilities,
      instructions: 'Be kind.',
      original: initialized,
    });
  });

  it('is described by very little when it says very little', () => {
    const result = { protocolVersion: '2024-11-05', capabilities: [], instructions: 5, serverInfo: 'x' };
    expect(describeInitialize(result)).toEqual({
      era: 'legacy',
      revisions: ['2024-11-05'],
      info: { name: 'unnamed', version: '0' },
      capabilities: {},
      original: result,
    });
  });

  it.each<Json | undefined>([undefined, null, [], 'x', {}, { protocolVersion: 5 }])(
    'is not described by %j',
    (result) => {
      expect(() => describeInitialize(result)).toThrow(TypeError);
    },
  );

  it('appears to legacy clients as it is, in the revision that they negotiated', () => {
    expect(initializeResult(describeInitialize(initialized), '2025-11-25')).toEqual({
      ...initialized,
      protocolVersion: '2025-11-25',
    });
  });

  it('appears to modern clients without the tasks of its own era, which are not those of theirs', () => {
    expect(discoverResult(describeInitialize(initialized))).toEqual({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true }, 'x-unknown': {} },
      instructions: 'Be kind.',
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': initialized.serverInfo },
    });
  });
});

describe('a modern server', () => {
  it('is described by its discover result', () => {
    expect(describeDiscover(discovered)).toEqual({
      era: 'modern',
      revisions: ['2027-03-01', '2026-07-28'],
      info: { name: 'new', version: '2' },
      capabilities: discovered.capabilities,
      instructions: 'Be quick.',
      original: discovered,
    });
  });

  it('is found by name in either place, or has none', () => {
    const bare = { supportedVersions: ['2026-07-28', 5] };
    expect(describeDiscover(bare)).toMatchObject({
      revisions: ['2026-07-28'],
      info: { name: 'unnamed', version: '0' },
    });
    expect(describeDiscover({ ...bare, serverInfo: { name: 'n' } }).info).toEqual({ name: 'n' });
    expect(describeDiscover({ ...bare, _meta: 'x' }).info).toEqual({ name: 'unnamed', version: '0' });
  });

  it.each<Json | undefined>([
    undefined,
    null,
    [],
    {},
    { supportedVersions: '2026-07-28' },
    { supportedVersions: [] },
    { supportedVersions: ['2025-11-25'] },
    { supportedVersions: ['2027-03-01'] },
  ])('is not described by %j', (result) => {
    expect(() => describeDiscover(result)).toThrow(TypeError);
  });

  it('appears to modern clients as it is, in the revisions that the host speaks', () => {
    expect(discoverResult(describeDiscover(discovered))).toEqual({ ...discovered, supportedVersions: ['2026-07-28'] });
  });

  it('appears to legacy clients without extensions and without words of its era', () => {
    expect(initializeResult(describeDiscover(discovered), '2025-11-25')).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'new', version: '2' },
      instructions: 'Be quick.',
    });
  });
});

describe('a description that was put together here', () => {
  const own = { era: 'modern', revisions: ['2026-07-28'], info: { name: 'h' }, capabilities: { tools: {} } } as const;

  it('makes both results without an original', () => {
    expect(discoverResult(own)).toEqual({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'h' } },
    });
    expect(initializeResult({ ...own, era: 'legacy' }, '2025-03-26')).toEqual({
      protocolVersion: '2025-03-26',
      capabilities: { tools: {} },
      serverInfo: { name: 'h' },
    });
  });
});
