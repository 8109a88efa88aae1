import { HostlerError, isHostlerError } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { errorObject, toHostlerError } from './error-object.ts';
import { protocolErrors } from './errors.ts';
import { JsonShapeError } from './json-scan.ts';

describe('toHostlerError', () => {
  it('keeps a HostlerError as it is', () => {
    const error = protocolErrors.METHOD_NOT_FOUND({ details: { method: 'x' } });
    expect(toHostlerError(error)).toBe(error);
  });

  it.each([new Error('secret path /etc/passwd'), 'secret', undefined, null, 5, { code: 'X' }])(
    'makes an internal error of %j, with the original as its cause only',
    (thrown) => {
      const error = toHostlerError(thrown);
      expect(error).toMatchObject({ code: 'PROTOCOL_INTERNAL', message: 'Internal error.', details: {} });
      expect(error.cause).toBe(thrown);
    },
  );
});

it('tells a broken answer of a server from a bug of ours', () => {
  const cause = new JsonShapeError('not an object');
  expect(toHostlerError(cause)).toMatchObject({ code: 'PROTOCOL_BAD_RESULT', kind: { rpc: -32012 }, cause });
});

describe('errorObject', () => {
  it('holds the code, the safe message, the details and the request id', () => {
    const error = protocolErrors.UNSUPPORTED_VERSION({ details: { requested: '1', supported: ['2026-07-28'] } });
    expect(errorObject(error, 'r-1')).toEqual({
      code: -32022,
      message: 'Unsupported protocol version: 1.',
      data: { requested: '1', supported: ['2026-07-28'], code: 'PROTOCOL_UNSUPPORTED_VERSION', requestId: 'r-1' },
    });
    expect(errorObject(error)['data']).not.toHaveProperty('requestId');
  });

  it('lets no detail pass for the code or the request id', () => {
    const error = protocolErrors.PARSE({ details: { code: 'FAKE', requestId: 'fake' } });
    expect(errorObject(error, 'real')['data']).toEqual({ code: 'PROTOCOL_PARSE', requestId: 'real' });
  });

  it('shows nothing of the cause or the stack', () => {
    const cause = new Error('hunter2 at /home/me/x.ts', { cause: 'hunter2' });
    for (const error of [toHostlerError(cause), protocolErrors.INVALID_REQUEST({ cause, details: { problem: 'p' } })]) {
      const text = JSON.stringify(errorObject(error, 'r'));
      expect(text).not.toMatch(/hunter2|stack|\.ts|cause/);
    }
  });
});

describe('protocolErrors', () => {
  it('are the caller’s fault but for answers of a server and a bug, never worth the same request again, and complete sentences', () => {
    for (const build of Object.values(protocolErrors)) {
      const error = build();
      expect(isHostlerError(error) && error instanceof HostlerError).toBe(true);
      const others = { INTERNAL: 'bug', BAD_RESULT: 'upstream', STATE_TOO_LARGE: 'upstream' };
      expect(error.kind.fault).toBe(
        (others as Record<string, string>)[build.code.slice('PROTOCOL_'.length)] ?? 'caller',
      );
      expect(error.kind.retryable).toBe(false);
      expect(error.kind.message).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('carry the codes of JSON-RPC and of the specification', () => {
    const codes = Object.entries(protocolErrors).map(([name, { kind }]) => [name, kind.http, kind.rpc]);
    expect(codes).toEqual([
      ['PARSE', 400, -32700],
      ['INVALID_REQUEST', 400, -32600],
      ['METHOD_NOT_FOUND', 404, -32601],
      ['INVALID_PARAMS', 400, -32602],
      ['HEADER_MISMATCH', 400, -32020],
      ['UNSUPPORTED_VERSION', 400, -32022],
      ['BAD_RESULT', 502, -32012],
      ['STATE_REFUSED', 400, -32602],
      ['STATE_TOO_LARGE', 502, -32018],
      ['INTERNAL', 500, -32603],
    ]);
  });
});
