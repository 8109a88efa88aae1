import { expect, test } from 'vitest';
import { connectOptions } from './connect-options.ts';

function asked(origin: string, path = '/', headers: readonly string[] = []): unknown {
  return connectOptions(new URL(origin), { path, headers });
}

test('an address in brackets is asked for without them', () => {
  expect(asked('http://[::1]:81')).toEqual({
    hostname: '::1',
    host: '[::1]:81',
    protocol: 'http:',
    port: '81',
    localAddress: null,
  });
});

test.each([
  ['mcp.test', 'mcp.test'],
  ['mcp.test:81', 'mcp.test'],
])('the host %s asks for the certificate of %s', (host, servername) => {
  expect(asked('https://10.0.0.1', '/', ['accept', 'host', 'Host', host])).toMatchObject({ servername });
});

test.each<readonly [string, Parameters<typeof asked>]>([
  ['an address', ['https://mcp.test', '/', ['host', '10.0.0.1:81']]],
  ['an IPv6 address', ['https://mcp.test', '/', ['host', '[::1]:81']]],
  ['no host', ['https://mcp.test', '/', ['accept', 'host']]],
  ['no TLS', ['http://10.0.0.1', '/', ['host', 'mcp.test']]],
  ['a forward proxy', ['https://proxy.test', 'http://mcp.test/', ['host', 'mcp.test']]],
])('%s asks for no other certificate than that of the origin', (_, parameters) => {
  expect(asked(...parameters)).not.toHaveProperty('servername');
});
