import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { guardRequest } from './guard-request.ts';
import type { GuardOptions } from './guard-request.ts';

function requestWith(headers: Readonly<Record<string, string>>, url = '/mcp'): IncomingMessage {
  return { url, headers, rawHeaders: Object.entries(headers).flat() } as Partial<IncomingMessage> as IncomingMessage;
}

function verdict(headers: Readonly<Record<string, string>>, options?: GuardOptions): string {
  try {
    guardRequest(requestWith(headers), options);
    return 'passes';
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

test.each(['localhost', 'LOCALHOST:8000', '127.0.0.1:1', '[::1]', '[::1]:65535'])('%s is served by default', (host) => {
  expect(verdict({ host })).toBe('passes');
});

test.each(['example.com', '', '127.0.0.2', '[::2]', 'localhost:', 'localhost:x', '0.0.0.0'])('%s is not', (host) => {
  expect(verdict({ host })).toBe('HTTP_HOST_REFUSED');
});

test('a name is allowed with any port, a name with a port only with that one', () => {
  const options = { allowedHosts: ['Example.com', 'other.com:8443'] };
  const verdicts = [
    'example.com',
    'example.com:9',
    'other.com:8443',
    'other.com',
    'other.com:1',
    'sub.example.com',
  ].map((host) => verdict({ host }, options));
  expect(verdicts).toEqual([
    'passes',
    'passes',
    'passes',
    'HTTP_HOST_REFUSED',
    'HTTP_HOST_REFUSED',
    'HTTP_HOST_REFUSED',
  ]);
});

test('loopback can be turned off for both', () => {
  const options = { allowedHosts: ['example.com'], allowLoopback: false };
  expect(verdict({ host: 'localhost' }, options)).toBe('HTTP_HOST_REFUSED');
  expect(verdict({ host: 'example.com', origin: 'http://localhost' }, options)).toBe('HTTP_ORIGIN_REFUSED');
});

test.each(['http://localhost', 'https://127.0.0.1:3000', 'http://[::1]:6274', 'HTTP://LocalHost:1'])(
  'a page of %s may call by default',
  (origin) => {
    expect(verdict({ host: 'localhost', origin })).toBe('passes');
  },
);

test('an origin is allowed as it stands, port and scheme included', () => {
  const options = { allowedOrigins: ['https://app.example.com'] };
  const verdicts = [
    'https://app.example.com',
    'https://app.example.com:8443',
    'http://app.example.com',
    'https://example.com',
    'vscode-webview://localhost',
  ].map((origin) => verdict({ host: 'localhost', origin }, options));
  expect(verdicts).toEqual(['passes', ...Array<string>(4).fill('HTTP_ORIGIN_REFUSED')]);
});

test('headers that may stand twice may', () => {
  const request = requestWith({ host: 'localhost' });
  request.rawHeaders.push('accept', 'a', 'Accept', 'b', 'x-forwarded-for', '1', 'x-forwarded-for', '2');
  expect(() => guardRequest(request)).not.toThrow();
});

test('what another site fetches without an Origin is refused', () => {
  const options = { allowedOrigins: ['https://app.example'] };
  const from = (site: string, others: Readonly<Record<string, string>> = {}): string =>
    verdict({ host: 'localhost', 'sec-fetch-site': site, ...others }, options);
  expect(['none', 'same-origin', 'same-site'].map((site) => from(site))).toEqual(['passes', 'passes', 'passes']);
  expect(from('cross-site')).toBe('HTTP_ORIGIN_REFUSED');
  expect(from('cross-site', { origin: 'https://app.example' })).toBe('passes');
});
