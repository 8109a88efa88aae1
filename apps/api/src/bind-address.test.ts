import { describe, expect, it } from 'vitest';
import { bindAddress, urlHost } from './bind-address.ts';

describe('bindAddress', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.8.9.10', '127.8.9.10'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['localhost', '127.0.0.1'],
  ])('takes %s', (host, address) => {
    expect(bindAddress(host)).toBe(address);
  });

  it.each([
    '0.0.0.0',
    '::',
    '192.168.1.2',
    '10.0.0.1',
    'example.com',
    'localhost.evil.example',
    '',
    '::ffff:10.0.0.1',
    '0',
    '128.0.0.1',
  ])('refuses %j, which other machines could reach', (host) => {
    expect(() => bindAddress(host)).toThrow(expect.objectContaining({ code: 'API_OPEN_BIND' }));
  });
});

it('writes an IPv6 address in brackets', () => {
  expect(urlHost('::1')).toBe('[::1]');
  expect(urlHost('127.0.0.1')).toBe('127.0.0.1');
});
