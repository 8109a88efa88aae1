import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createClientAddress, plannedClientAddress } from './client-address.ts';

interface End {
  readonly remote?: string | undefined;
  readonly local?: string | undefined;
}

function request({ remote, local }: End, headers: Readonly<Record<string, string>> = {}): IncomingMessage {
  const socket = new Socket();
  Object.defineProperties(socket, { remoteAddress: { value: remote }, localAddress: { value: local } });
  const message = new IncomingMessage(socket);
  Object.assign(message.headers, headers);
  return message;
}

const from = (remote: string): End => ({ remote, local: '192.0.2.99' });
const PROXY = from('10.0.0.1');
const TRUSTED = ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'];

describe('the address of a client', () => {
  const address = createClientAddress(TRUSTED);

  it.each<[what: string, forwarded: string, expected: string]>([
    ['one hop', '203.0.113.9', '203.0.113.9'],
    ['the right-most hop that is no proxy', '198.51.100.1, 203.0.113.9, 10.2.3.4', '203.0.113.9'],
    ['nothing left of a foreign hop', '10.9.9.9, 127.0.0.1, 203.0.113.9', '203.0.113.9'],
    ['the left-most proxy where all are proxies', '10.1.1.1, 10.2.2.2', '10.1.1.1'],
    ['a proxy that is this machine, which is not trusted for that', '203.0.113.9, 127.0.0.1', '127.0.0.1'],
    ['junk at the end', '203.0.113.9, junk', '10.0.0.1'],
    ['junk in between', '203.0.113.9, junk, 10.2.2.2', '10.2.2.2'],
    ['an empty hop', '203.0.113.9,', '10.0.0.1'],
    ['a name', 'unknown', '10.0.0.1'],
    ['numbers that are no address', '203.0.113.999', '10.0.0.1'],
    ['a hop with a port', '203.0.113.9:4711', '203.0.113.9'],
    ['a hop of IPv6', '2001:DB8:0:0::1', '2001:db8::1'],
    ['a hop of IPv6 with a port', '[2001:db8::1]:4711, fd00::2', '2001:db8::1'],
    ['a hop of IPv4 in IPv6', '::ffff:cb00:7109', '203.0.113.9'],
    ['a proxy of IPv4 in IPv6', '203.0.113.9, ::ffff:10.1.1.1', '203.0.113.9'],
    ['a hop with a zone', 'fe80::1%eth0', 'fe80::1'],
  ])('takes %s', (_, forwarded, expected) => {
    expect(address.of(request(PROXY, { 'x-forwarded-for': forwarded }))).toBe(expected);
  });

  it('takes no longer for what nobody would write: it is looked at before anything else of a request', () => {
    const forwarded = `for=203.0.113.9,${' '.repeat(100_000)}x`;
    const begun = process.threadCpuUsage();
    expect(address.of(request(PROXY, { forwarded }))).toBe('10.0.0.1');
    const { user, system } = process.threadCpuUsage(begun);
    expect(user + system).toBeLessThan(500_000);
  });

  it.each<[what: string, forwarded: string, expected: string]>([
    ['one hop', 'for=203.0.113.9', '203.0.113.9'],
    ['quoted, with a port and other pairs', 'For="[2001:db8::1]:4711";proto=https;by=10.0.0.1', '2001:db8::1'],
    ['several', 'for=198.51.100.1, proto=https;for="203.0.113.9:80" , for=10.2.2.2', '203.0.113.9'],
    ['a comma in a quoted text', 'for=198.51.100.1, for="a, for=127.0.0.1"', '10.0.0.1'],
    ['a hop that hides', 'for=198.51.100.1, for=_hidden', '10.0.0.1'],
    ['a hop that says nothing', 'for=198.51.100.1, proto=https', '10.0.0.1'],
    ['what cannot be read', 'for=198.51.100.1, for=203.0.113.9 junk', '10.0.0.1'],
    ['a quotation without an end', 'for=198.51.100.1, for="203.0.113.9', '10.0.0.1'],
    ['nothing', '', '10.0.0.1'],
  ])('takes of the standard header %s', (_, forwarded, expected) => {
    expect(address.of(request(PROXY, { forwarded }))).toBe(expected);
  });

  it('believes neither of two headers that differ', () => {
    const both = (forwarded: string): IncomingMessage =>
      request(PROXY, { 'x-forwarded-for': '203.0.113.9', forwarded });
    expect(address.of(both('for=203.0.113.9'))).toBe('203.0.113.9');
    expect(address.of(both('for=127.0.0.1'))).toBe('10.0.0.1');
  });

  it('believes nobody else', () => {
    for (const peer of ['203.0.113.1', '127.0.0.1', '::1', '192.0.2.8']) {
      const forged = request(from(peer), { 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1' });
      expect([address.of(forged), address.isTrusted(forged)]).toEqual([peer, false]);
    }
    for (const peer of ['10.200.0.1', '::ffff:10.0.0.1', 'fd12::1', '192.0.2.7']) {
      expect(address.isTrusted(request(from(peer)))).toBe(true);
    }
  });
});

it('trusts nobody unless told to', () => {
  const address = createClientAddress([]);
  const sent = request(from('127.0.0.1'), { 'x-forwarded-for': '203.0.113.9' });
  expect([address.of(sent), address.isTrusted(sent)]).toEqual(['127.0.0.1', false]);
});

it('trusts a unix socket that is named, and takes no broken connection for one', () => {
  const overSocket = request({}, { 'x-forwarded-for': '203.0.113.9' });
  const broken = request({ local: '127.0.0.1' }, { 'x-forwarded-for': '203.0.113.9' });
  const gone = request({}, { 'x-forwarded-for': '203.0.113.9' });
  gone.socket.destroy();
  const without = createClientAddress(['10.0.0.0/8']);
  expect([without.of(overSocket), without.isTrusted(overSocket)]).toEqual(['unix', false]);
  const address = createClientAddress(['unix']);
  expect([overSocket, broken, gone].map((each) => address.of(each))).toEqual(['203.0.113.9', 'unknown', 'unknown']);
  expect([overSocket, broken, gone].map((each) => address.isTrusted(each))).toEqual([true, false, false]);
  // A hop that calls itself so is none.
  expect(address.of(request({}, { 'x-forwarded-for': '203.0.113.9, unix' }))).toBe('unix');
});

it('goes by the plan in force', () => {
  const listen = { host: '127.0.0.1', port: 0 };
  const runtime = { plan: { listen: { ...listen, trustedProxies: ['10.0.0.0/8'] } } };
  const address = plannedClientAddress(runtime);
  const sent = request(PROXY, { 'x-forwarded-for': '203.0.113.9' });
  expect([address.of(sent), address.isTrusted(sent)]).toEqual(['203.0.113.9', true]);
  runtime.plan = { listen: { ...listen, trustedProxies: ['10.0.0.2'] } };
  expect([address.of(sent), address.isTrusted(sent)]).toEqual(['10.0.0.1', false]);
});
