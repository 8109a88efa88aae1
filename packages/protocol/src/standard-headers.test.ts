import { isHostlerError } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { createRandom, randomText } from '../test/random-json.ts';
import {
  checkStandardHeaders,
  decodeHeaderValue,
  encodeHeaderValue,
  mirroredName,
  standardHeaders,
} from './standard-headers.ts';
import type { StandardHeaders } from './standard-headers.ts';

const call = { method: 'tools/call', params: { name: 'search', arguments: {} } };
const agreeing: StandardHeaders = { protocolVersion: '2026-07-28', method: 'tools/call', name: 'search' };

function problem(
  headers: Partial<StandardHeaders>,
  request: Parameters<typeof checkStandardHeaders>[1] = call,
): string {
  try {
    checkStandardHeaders({ ...agreeing, ...headers }, request, '2026-07-28');
  } catch (thrown) {
    if (!isHostlerError(thrown)) throw thrown;
    if (thrown.code !== 'PROTOCOL_HEADER_MISMATCH') return thrown.code;
    return thrown.details['problem'] as string;
  }
  return 'accepted';
}

function base64(text: string): string {
  return `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

describe('checkStandardHeaders', () => {
  it('refuses with the code that the specification gives', () => {
    const headers = { ...agreeing, method: undefined };
    expect(() => checkStandardHeaders(headers, call, '2026-07-28')).toThrow(
      expect.objectContaining({ kind: expect.objectContaining({ http: 400, rpc: -32020 }) }),
    );
  });

  it.each<[string, Partial<StandardHeaders>, string]>([
    ['agreement', {}, 'accepted'],
    [
      'blanks around the values',
      { protocolVersion: ' 2026-07-28\t', method: '\ttools/call ', name: '  search ' },
      'accepted',
    ],
    ['an encoded name', { name: base64('search') }, 'accepted'],
    ['no version', { protocolVersion: undefined }, 'MCP-Protocol-Version is missing'],
    ['another version', { protocolVersion: '2025-11-25' }, 'MCP-Protocol-Version differs from _meta'],
    ['an empty version', { protocolVersion: '' }, 'MCP-Protocol-Version differs from _meta'],
    ['two versions', { protocolVersion: '2026-07-28, 2026-07-28' }, 'MCP-Protocol-Version differs from _meta'],
    ['no method', { method: undefined }, 'Mcp-Method is missing'],
    ['another method', { method: 'tools/list' }, 'Mcp-Method differs from the method'],
    ['a method in capitals', { method: 'TOOLS/CALL' }, 'Mcp-Method differs from the method'],
    ['an encoded method', { method: base64('tools/call') }, 'Mcp-Method differs from the method'],
    ['no name', { name: undefined }, 'Mcp-Name is missing'],
    ['another name', { name: 'delete' }, 'Mcp-Name differs from the body'],
    ['an empty name', { name: '' }, 'Mcp-Name differs from the body'],
    ['a name in capitals', { name: 'Search' }, 'Mcp-Name differs from the body'],
    ['two names', { name: 'search, search' }, 'Mcp-Name differs from the body'],
    ['a no-break space behind the name', { name: 'search\u00a0' }, 'Mcp-Name is not validly encoded'],
    ['another encoded name', { name: base64('delete') }, 'Mcp-Name differs from the body'],
    ['markers in capitals', { name: '=?BASE64?c2VhcmNo?=' }, 'Mcp-Name differs from the body'],
    ['encoding without padding', { name: '=?base64?c2VhcmNoMQ?=' }, 'Mcp-Name is not validly encoded'],
    ['encoding in the other alphabet', { name: '=?base64?-_-_?=' }, 'Mcp-Name is not validly encoded'],
    ['encoding with junk', { name: '=?base64?c2Vh!!!!cmNo?=' }, 'Mcp-Name is not validly encoded'],
    ['encoding of broken UTF-8', { name: '=?base64?/w==?=' }, 'Mcp-Name is not validly encoded'],
  ])('on %s: %j → %s', (_, headers, expected) => {
    expect(problem(headers)).toBe(expected);
  });

  it('compares the parameter that each method mirrors', () => {
    const rows: [string, object, string][] = [
      ['tools/call', { name: 'a', uri: 'b' }, 'a'],
      ['prompts/get', { name: 'a', uri: 'b' }, 'a'],
      ['resources/read', { name: 'b', uri: 'file:///a' }, 'file:///a'],
      ['tasks/get', { taskId: 'a' }, 'a'],
      ['tasks/update', { taskId: 'a' }, 'a'],
      ['tasks/cancel', { taskId: 'a' }, 'a'],
    ];
    for (const [method, params, name] of rows) {
      const request = { method, params } as typeof call;
      expect(problem({ method, name }, request)).toBe('accepted');
      expect(problem({ method, name: 'other' }, request)).toBe('Mcp-Name differs from the body');
      expect(problem({ method, name: undefined }, request)).toBe('Mcp-Name is missing');
      expect(mirroredName(method, request.params)).toBe(name);
    }
  });

  it('asks for no name where there is none to mirror', () => {
    const list = { method: 'tools/list', params: { name: 'x' } };
    expect(problem({ method: 'tools/list', name: undefined }, list)).toBe('accepted');
    expect(problem({ method: 'tools/list', name: 'anything' }, list)).toBe('accepted');
    expect(problem({ name: undefined }, { method: 'tools/call', params: {} })).toBe('accepted');
    expect(mirroredName('tools/call', { name: 5 })).toBeUndefined();
    expect(mirroredName('toString', {})).toBeUndefined();
  });
});

describe('standardHeaders', () => {
  it('are accepted for the request they were made for', () => {
    for (const name of ['search', 'süß', ' a', 'a\r\nInjected: 1', '=?base64?YQ==?=']) {
      const request = { method: 'tools/call', params: { name } };
      const headers = standardHeaders(request);
      expect(Object.keys(headers)).toEqual(['mcp-protocol-version', 'mcp-method', 'mcp-name']);
      expect(problem({ name: headers['mcp-name'] }, request)).toBe('accepted');
    }
    expect(standardHeaders({ method: 'tools/list', params: {} })).toEqual({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/list',
    });
  });
});

describe('encodeHeaderValue', () => {
  it.each([
    ['us-west1', 'us-west1'],
    ['a b', 'a b'],
    ['~', '~'],
    ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
    [' padded ', '=?base64?IHBhZGRlZCA=?='],
    ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
    ['a\tb', '=?base64?YQli?='],
    ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
    ['=?base64??=', '=?base64?PT9iYXNlNjQ/Pz0=?='],
    ['=?base64?=', '=?base64?PT9iYXNlNjQ/PQ==?='],
    ['=?base64?x', '=?base64?x'],
    ['=?BASE64?literal?=', '=?BASE64?literal?='],
    ['', '=?base64??='],
    ['\u007f', '=?base64?fw==?='],
  ])('writes %j as %j, and reads it back', (value, header) => {
    expect(encodeHeaderValue(value)).toBe(header);
    expect(decodeHeaderValue(header)).toBe(value);
  });

  it('gives every text back, in characters that headers may hold', () => {
    for (let seed = 0; seed < 2000; seed++) {
      const random = createRandom(seed);
      const text = random.pick([
        randomText(random),
        String.fromCodePoint(...Array.from({ length: random.below(9) }, () => random.below(0xd800))),
        String.fromCodePoint(0xfffd, 0x10000 + random.below(0x10000), 0xfeff, random.below(128)),
        `=?base64?${randomText(random)}?=`,
      ]);
      const header = encodeHeaderValue(text);
      expect(header).toMatch(/^[\x20-\x7e]+$/);
      expect(header.trim()).toBe(header);
      expect(decodeHeaderValue(header)).toBe(text);
    }
  });
});

describe('decodeHeaderValue', () => {
  it.each([
    ['=?base64?SGVsbG8?=', undefined],
    ['=?base64?=', undefined],
    ['=?base64?SGVs!!!bG8=?=', undefined],
    ['=?base64?SGVsbG8=', '=?base64?SGVsbG8='],
    ['SGVsbG8=?=', 'SGVsbG8=?='],
    ['=?base64?77u/YQ==?=', '\ufeffa'],
    ['=?base64?77+9?=', '\ufffd'],
    ['=?base64?7aCA?=', undefined],
    ['caf\u00e9', undefined],
    ['a\u0000b', undefined],
    ['a\nb', undefined],
    ['', ''],
  ])('reads %j as %j', (header, value) => {
    expect(decodeHeaderValue(header)).toBe(value);
  });
});
