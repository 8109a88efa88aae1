import type { IncomingMessage } from 'node:http';
import { authErrors } from '@hostler/auth';
import { DrivenClock } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { createAddressLimit } from './address-limit.ts';
import type { AddressLimitOptions } from './address-limit.ts';
import { createClientAddress } from './client-address.ts';

type Addresses = AddressLimitOptions['runtime']['plan']['limits']['addresses'];

const HOURLY = { count: 3, per: 3_600_000 };

/** A request from this address, with what a proxy may have written. */
function from(remoteAddress: string, forwardedFor?: string): IncomingMessage {
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

function limited(addresses: Addresses, more: Partial<AddressLimitOptions> & { readonly proxies?: string[] } = {}) {
  const { proxies = [], ...options } = more;
  const clock = new DrivenClock();
  const plan = { limits: addresses === undefined ? {} : { addresses } };
  const runtime = { plan, clock };
  const limit = createAddressLimit({
    runtime,
    clientAddress: createClientAddress(proxies),
    isExposed: false,
    ...options,
  });
  const admitted = (...requests: IncomingMessage[]): number => {
    let count = 0;
    for (const request of requests) {
      try {
        limit.check(request);
        count += 1;
      } catch {
        // It is only counted.
      }
    }
    return count;
  };
  return { limit, clock, admitted, runtime };
}

const times = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('the limit of an address', () => {
  it('counts each address by itself, and says when to come back', async () => {
    const { limit, admitted, clock } = limited(HOURLY);
    expect(admitted(...times(9, () => from('192.0.2.1')))).toBe(3);
    expect(admitted(...times(9, () => from('192.0.2.2')))).toBe(3);
    expect(() => limit.check(from('192.0.2.1'))).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED', details: expect.objectContaining({ retryAfter: 1_200 }) }),
    );
    await clock.pass(1_200_000);
    expect(admitted(...times(9, () => from('192.0.2.1')))).toBe(1);
  });

  it('A-24: what a client writes into X-Forwarded-For makes it nobody else', () => {
    const rotating = (peer: string) => times(20, (index) => from(peer, `198.51.100.${index}`));
    expect(limited(HOURLY).admitted(...rotating('192.0.2.1'))).toBe(3);
    const behind = limited(HOURLY, { proxies: ['10.0.0.0/8'] });
    expect(behind.admitted(...times(20, (index) => from('10.1.1.1', `198.51.100.${index}, 192.0.2.7`)))).toBe(3);
    expect(behind.admitted(...rotating('192.0.2.8'))).toBe(3);
    // What the proxy itself has seen does count.
    expect(behind.admitted(...rotating('10.1.1.1'))).toBe(20);
  });

  it('A-25: all addresses of a /56 are one, and so is an IPv4 address in other clothes', () => {
    const { admitted } = limited(HOURLY);
    expect(
      admitted(...times(200, (index) => from(`2001:db8:1:12${index.toString(16).padStart(2, '0')}::${index}`))),
    ).toBe(3);
    expect(admitted(from('2001:db8:1:1300::1'), from('2001:db8:2:1200::1'), from('2001:db8::1'), from('::1'))).toBe(4);
    expect(admitted(...times(4, () => from('192.0.2.1')), from('::ffff:192.0.2.1'))).toBe(3);
  });

  it('makes refused keys and tokens cost more, and nothing else', () => {
    const { limit, admitted } = limited({ count: 100, per: 3_600_000 });
    const guesses = (address: string, error?: unknown): number => {
      let count = 0;
      const request = from(address);
      for (; admitted(request) === 1 && count < 100; count += 1) limit.onRefused(request, error);
      return count;
    };
    expect(guesses('192.0.2.1')).toBe(10);
    expect(guesses('192.0.2.2', authErrors.INVALID())).toBe(1);
    expect(guesses('192.0.2.3', authErrors.MISSING())).toBe(10);
  });

  it('is on by itself where other machines reach it, and off where it is said to be', () => {
    const flood = times(1_500, () => from('192.0.2.1'));
    expect(limited(undefined).admitted(...flood)).toBe(1_500);
    expect(limited(undefined, { isExposed: true }).admitted(...flood)).toBe(1_000);
    expect(limited('off', { isExposed: true }).admitted(...flood)).toBe(1_500);
    expect(limited(HOURLY, { isExposed: true }).admitted(...flood)).toBe(3);
  });

  it('holds a bounded number of addresses', () => {
    const { admitted } = limited(HOURLY, { entries: 2 });
    const [a, b, c] = [from('192.0.2.1'), from('192.0.2.2'), from('192.0.2.3')];
    expect(admitted(a, a, a, a, b, a, c)).toBe(5);
    // The one seen longest ago was forgotten, and the others not.
    expect(admitted(a)).toBe(0);
    expect(admitted(b)).toBe(1);
  });

  it('leaves alone who has no address', () => {
    const { admitted } = limited(HOURLY);
    expect(admitted(...times(9, () => ({ socket: {}, headers: {} }) as unknown as IncomingMessage))).toBe(9);
  });

  it('keeps its counts over a plan that says the same, and begins anew with another rate', () => {
    const { admitted, runtime } = limited(HOURLY);
    admitted(...times(3, () => from('192.0.2.1')));
    runtime.plan = { limits: { addresses: { ...HOURLY } } };
    expect(admitted(from('192.0.2.1'))).toBe(0);
    runtime.plan = { limits: { addresses: { count: 4, per: 3_600_000 } } };
    expect(admitted(...times(9, () => from('192.0.2.1')))).toBe(4);
  });
});
