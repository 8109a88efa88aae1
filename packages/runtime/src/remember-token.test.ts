import { createLeakGuard, createRedactor } from '@hostler/secrets';
import { describe, expect, it } from 'vitest';
import { rememberToken } from './remember-token.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const clock = { now: () => 0, after: () => () => undefined };

function guardAfter(token: string) {
  const redactor = createRedactor();
  rememberToken(redactor, token, 'oauth://hostile/1');
  return createLeakGuard({ redactor, log, clock }).screen('honest', []);
}

describe('rememberToken', () => {
  it.each([
    'structuredContent',
    'protocolVersion',
    'additionalProperties',
    'json-schema.org/draft/2020-12/schema',
    'http://json-schema.org/draft-07/schema#',
    '"type":"string","description"',
    '["inputSchema","a1b2c3d4e5f6g7h8"]',
    'create_pull_request',
  ])('leaves the answers and arguments of other servers alone when a token is %s', (token) => {
    const text = `{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"x":1},"protocolVersion":"1","tools":[{"name":"create_pull_request","inputSchema":{"$schema":"http://json-schema.org/draft-07/schema#","x":"https://json-schema.org/draft/2020-12/schema","type":"string","description":"","additionalProperties":false}}]}}`;
    const screen = guardAfter(token);
    expect(Buffer.from(screen.incoming(Buffer.from(text))).toString()).toBe(text);
    expect(screen.outgoing({ x: text })).toEqual({ x: text });
  });

  it.each([
    'ya29.a0AfH6SMBx4f8d0k2Jx9QpLm7Z',
    'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl',
    'ghu_16C7e42F292c6912E7710c838347Ae178B4a',
    '1|Qw8rTzUiOp2AsDfGhJkL9yXcVbNm',
    '550e8400-e29b-41d4-a716-446655440000',
    '8xLOxBtZp8Qb/a+0v3TtQw==',
    'QwErTzUiOpAsDfGhJkLyXcVbNmQwErTzUi',
  ])('masks %s', (token) => {
    const screen = guardAfter(token);
    expect(
      Buffer.from(screen.incoming(Buffer.from(JSON.stringify({ result: { a: token } })))).toString(),
    ).not.toContain(token);
  });
});
