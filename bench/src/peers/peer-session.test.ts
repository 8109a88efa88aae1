import { describe, expect, it } from 'vitest';
import { echoAmong, messageText, resultIn } from './peer-session.ts';

describe('resultIn', () => {
  it('reads a JSON answer and the last event of a stream', () => {
    expect(resultIn('{"jsonrpc":"2.0","id":1,"result":{"a":1}}')).toEqual({ a: 1 });
    const events =
      'id: 1\ndata: \n\nevent: message\ndata: {"method":"x"}\n\nid: 2\ndata: {"id":1,"result":{"a":2}}\n\n';
    expect(resultIn(events)).toEqual({ a: 2 });
  });

  it('throws the error of a gateway, and what is no message', () => {
    expect(() => resultIn('{"id":1,"error":{"code":-32603,"message":"gone"}}')).toThrow('gone');
    expect(() => resultIn('<html>')).toThrow('no message in the answer: <html>');
  });
});

describe('echoAmong', () => {
  it('finds the tool under the name that a gateway gives it', () => {
    expect(echoAmong(['tool_1', 'echo'])).toBe('echo');
    expect(echoAmong(['tool_1', 'bench__echo', 'echo'])).toBe('echo');
    expect(echoAmong(['bench__tool_1', 'bench__echo'])).toBe('bench__echo');
    expect(echoAmong(['echo_1mcp_tool_1', 'echo_1mcp_echo'])).toBe('echo_1mcp_echo');
    expect(echoAmong(['tool_1', 'gecho'])).toBeUndefined();
  });
});

describe('messageText', () => {
  it('makes requests and notifications', () => {
    expect(JSON.parse(messageText(7, 'ping', '{}'))).toEqual({ jsonrpc: '2.0', id: 7, method: 'ping', params: {} });
    expect(JSON.parse(messageText(undefined, 'ping', '{}'))).toEqual({ jsonrpc: '2.0', method: 'ping', params: {} });
  });
});
