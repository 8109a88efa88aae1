import { isHostlerError } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { claimedRevision, isLogLevel, metaKeys, passesLevel, takeClientFacts, withClientFacts } from './client-meta.ts';

const valid = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { sampling: {} },
};

function refusal(meta: unknown): { code: string; rpc: number; message: string; details: JsonObject } | 'accepted' {
  try {
    takeClientFacts({ name: 'x', _meta: meta } as JsonObject);
  } catch (thrown) {
    if (!isHostlerError(thrown)) throw thrown;
    return { code: thrown.code, rpc: thrown.kind.rpc, message: thrown.message, details: thrown.details };
  }
  return 'accepted';
}

describe('takeClientFacts', () => {
  it('separates what describes the client from what is meant for the server', () => {
    const facts = takeClientFacts({
      name: 'tool',
      _meta: {
        ...valid,
        'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' },
        'io.modelcontextprotocol/logLevel': 'warning',
        progressToken: 5,
        traceparent: '00-1-1-00',
      },
    });
    expect(facts).toEqual({
      client: {
        era: 'modern',
        protocolVersion: '2026-07-28',
        capabilities: { sampling: {} },
        info: { name: 'c', version: '1' },
      },
      logLevel: 'warning',
      params: { name: 'tool', _meta: { progressToken: 5, traceparent: '00-1-1-00' } },
    });
  });

  it('leaves no _meta and no absent facts behind', () => {
    expect(takeClientFacts({ _meta: valid })).toEqual({
      client: { era: 'modern', protocolVersion: '2026-07-28', capabilities: { sampling: {} } },
      params: {},
    });
    expect(Object.keys(takeClientFacts({ _meta: valid }))).toEqual(['client', 'params']);
  });

  it('keeps the params it was given as they are', () => {
    const params = { _meta: { ...valid, a: 1 } };
    const before = structuredClone(params);
    takeClientFacts(params);
    expect(params).toEqual(before);
  });

  it.each<[string, unknown, string]>([
    ['no _meta', undefined, metaKeys.protocolVersion],
    ['an empty _meta', {}, metaKeys.protocolVersion],
    ['a version that is a number', { ...valid, [metaKeys.protocolVersion]: 2026 }, metaKeys.protocolVersion],
    ['a version that is null', { ...valid, [metaKeys.protocolVersion]: null }, metaKeys.protocolVersion],
    ['no capabilities', { [metaKeys.protocolVersion]: '2026-07-28' }, metaKeys.clientCapabilities],
    ['capabilities that are null', { ...valid, [metaKeys.clientCapabilities]: null }, metaKeys.clientCapabilities],
    ['capabilities that are a list', { ...valid, [metaKeys.clientCapabilities]: [] }, metaKeys.clientCapabilities],
    ['capabilities that are text', { ...valid, [metaKeys.clientCapabilities]: 'all' }, metaKeys.clientCapabilities],
    ['client info that is null', { ...valid, [metaKeys.clientInfo]: null }, metaKeys.clientInfo],
    ['client info that is text', { ...valid, [metaKeys.clientInfo]: 'me' }, metaKeys.clientInfo],
    ['client info that is a list', { ...valid, [metaKeys.clientInfo]: [] }, metaKeys.clientInfo],
    ['an unknown log level', { ...valid, [metaKeys.logLevel]: 'verbose' }, metaKeys.logLevel],
    ['a log level in capitals', { ...valid, [metaKeys.logLevel]: 'DEBUG' }, metaKeys.logLevel],
    ['a log level that is a number', { ...valid, [metaKeys.logLevel]: 1 }, metaKeys.logLevel],
    ['a log level that is null', { ...valid, [metaKeys.logLevel]: null }, metaKeys.logLevel],
  ])('refuses %s and names the key', (_, meta, key) => {
    expect(refusal(meta)).toMatchObject({
      code: 'PROTOCOL_INVALID_PARAMS',
      rpc: -32602,
      message: expect.stringContaining(`_meta["${key}"]`),
    });
  });

  it.each(['2025-11-25', '2024-11-05', '2027-01-01', '2026-07-29', 'draft', ''])(
    'refuses revision %j and says which are supported',
    (requested) => {
      expect(refusal({ ...valid, [metaKeys.protocolVersion]: requested })).toMatchObject({
        code: 'PROTOCOL_UNSUPPORTED_VERSION',
        rpc: -32022,
        details: { requested, supported: ['2026-07-28'] },
      });
    },
  );

  it('echoes no more of a revision than sixty-four characters', () => {
    const answer = refusal({ ...valid, [metaKeys.protocolVersion]: 'x'.repeat(100_000) });
    expect(answer).toMatchObject({ details: { requested: 'x'.repeat(64) } });
  });
});

describe('withClientFacts', () => {
  it('is undone by takeClientFacts', () => {
    const clients = [
      { capabilities: {} },
      { capabilities: { elicitation: { form: {} } }, info: { name: 'c', title: 'C' } },
    ];
    for (const client of clients) {
      for (const params of [{}, { name: 'x', arguments: { a: [1] } }, { _meta: { progressToken: 'p' } }]) {
        for (const level of [undefined, 'error']) {
          const facts = takeClientFacts(withClientFacts(params, client, level));
          expect(facts).toEqual({
            client: { era: 'modern', protocolVersion: '2026-07-28', ...client },
            ...(level === undefined ? {} : { logLevel: level }),
            params,
          });
        }
      }
    }
  });

  it('replaces whatever the params say of the client', () => {
    const params = {
      _meta: {
        [metaKeys.protocolVersion]: '2025-11-25',
        [metaKeys.clientCapabilities]: { sampling: {} },
        [metaKeys.clientInfo]: { name: 'somebody else' },
        [metaKeys.logLevel]: 'debug',
        kept: 1,
      },
    };
    expect(withClientFacts(params, { capabilities: {} })).toEqual({
      _meta: { kept: 1, [metaKeys.protocolVersion]: '2026-07-28', [metaKeys.clientCapabilities]: {} },
    });
  });
});

describe('claimedRevision', () => {
  it.each([
    [{}, undefined],
    [{ _meta: {} }, undefined],
    [{ _meta: 'x' }, undefined],
    [{ _meta: null }, undefined],
    [{ _meta: valid }, '2026-07-28'],
    [{ _meta: { [metaKeys.protocolVersion]: 5 } }, 5],
  ])('of %j is %j', (params, revision) => {
    expect(claimedRevision(params)).toBe(revision);
  });
});

describe('log levels', () => {
  const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

  it('let a message pass from its threshold upwards', () => {
    for (const [rank, level] of levels.entries()) {
      expect(levels.filter((candidate) => passesLevel(candidate, level))).toEqual(levels.slice(rank));
      expect(isLogLevel(level)).toBe(true);
    }
  });

  it('let levels pass that nobody knows, whatever they are', () => {
    for (const level of ['trace', '', undefined, null, 5, [], { toString: 1, valueOf: 1 }]) {
      expect(passesLevel(level, 'emergency')).toBe(true);
      expect(isLogLevel(level)).toBe(false);
    }
  });
});
