import { describe, expect, it } from 'vitest';
import { toPlan } from '@hostler/config';
import { bindAddress, urlHost } from './bind-address.ts';

const open = toPlan({ servers: {} }, { source: '/hostler.yaml' });
const closed = toPlan({ servers: {}, consumers: {} }, { source: '/hostler.yaml' });
const named = toPlan(
  { servers: {}, consumers: {}, listen: { allowedHosts: ['mcp.example.com'] } },
  { source: '/hostler.yaml' },
);

describe('bindAddress', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.8.9.10', '127.8.9.10'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['localhost', '127.0.0.1'],
  ])('takes %s', (host, address) => {
    expect(bindAddress(host, open)).toBe(address);
    expect(bindAddress(host, closed)).toBe(address);
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
    expect(() => bindAddress(host, open)).toThrow(expect.objectContaining({ code: 'API_OPEN_BIND' }));
  });

  it('takes every address where callers have to prove who they are and the host knows its names', () => {
    expect(() => bindAddress('0.0.0.0', closed)).toThrow(expect.objectContaining({ code: 'API_HOSTS_MISSING' }));
    expect(bindAddress('0.0.0.0', named)).toBe('0.0.0.0');
    expect(bindAddress('[::]', named)).toBe('::');
  });
});

it('writes an IPv6 address in brackets', () => {
  expect(urlHost('::1')).toBe('[::1]');
  expect(urlHost('127.0.0.1')).toBe('127.0.0.1');
});
