import { isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { HostPlan } from '@hostler/config';
import { authErrors } from '@hostler/auth';
import type { RequestHead } from '@hostler/endpoint';
import { limitErrors, RateBucket } from '@hostler/host';
import { isHostlerError } from '@hostler/kernel';
import type { CallRate, Clock } from '@hostler/kernel';
import type { ClientAddress } from './client-address.ts';

export interface AddressLimitOptions {
  readonly runtime: { readonly plan: Pick<HostPlan, 'limits'>; readonly clock: Pick<Clock, 'now'> };
  readonly clientAddress: Pick<ClientAddress, 'of'>;
  /** Whether other machines reach it: then there is a limit also where nothing is said of one. */
  readonly isExposed: boolean;
  /** Addresses that are kept; the one that was seen longest ago is forgotten first. */
  readonly entries?: number;
}

/** How much one client address may ask for, before anything else of its requests is looked at. */
export interface AddressLimit {
  /** Counts a request. @throws LIMIT_EXCEEDED */
  check(request: RequestHead): void;
  /** It was refused with this: guessing costs more. */
  onRefused(request: RequestHead, error: unknown): void;
}

/** More than one program needs, and less than what keeps this host from answering others. */
export const DEFAULT_ADDRESS_RATE: CallRate = { count: 1_000, per: 1_000 };
/** What a refused key or token costs, in requests; the request itself is counted already. */
const REFUSED_COST = 19;
const ENTRIES = 10_000;

/** What somebody shows who guesses. */
const GUESSES: ReadonlySet<string> = new Set([authErrors.INVALID.code, authErrors.EXPIRED.code]);

export function isGuess(error: unknown): boolean {
  return isHostlerError(error) && GUESSES.has(error.code);
}

export function createAddressLimit(options: AddressLimitOptions): AddressLimit {
  const { runtime, clientAddress, isExposed, entries = ENTRIES } = options;
  const buckets = new Map<string, RateBucket>();
  let inForce: CallRate | undefined;

  /** Whoever comes over a unix socket has no address. */
  function bucketOf(request: RequestHead): RateBucket | undefined {
    const rate = rateOf(runtime.plan.limits.addresses, isExposed);
    // Another plan may say the same.
    if (rate !== inForce && !isDeepStrictEqual(rate, inForce)) buckets.clear();
    inForce = rate;
    if (rate === undefined) return undefined;
    const address = clientAddress.of(request);
    if (address === 'unix') return undefined;
    const network = networkOf(address);
    const known = buckets.get(network);
    if (known !== undefined) buckets.delete(network);
    else if (buckets.size >= entries) buckets.delete(buckets.keys().next().value as string);
    const bucket = known ?? new RateBucket(rate, runtime.clock.now());
    buckets.set(network, bucket);
    return bucket;
  }

  return {
    check(request) {
      const bucket = bucketOf(request);
      if (bucket === undefined) return;
      const wait = bucket.wait(runtime.clock.now());
      if (wait > 0) throw tooMany(wait);
      bucket.add();
    },
    onRefused(request, error) {
      if (isGuess(error)) bucketOf(request)?.add(REFUSED_COST);
    },
  };
}

function rateOf(written: HostPlan['limits']['addresses'], isExposed: boolean): CallRate | undefined {
  if (written === 'off') return undefined;
  return written ?? (isExposed ? DEFAULT_ADDRESS_RATE : undefined);
}

/** Of what its rate is nobody's business who has not shown who it is. */
function tooMany(wait: number): Error {
  const retryAfter = Math.max(1, Math.ceil(wait / 1_000));
  return limitErrors.EXCEEDED({ details: { limit: 'so many from one address', retryAfter, mayHaveRun: false } });
}

/** Whoever has an IPv6 address has all those of a /64, and often of a /56 (RFC 6177). */
function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  const groups = [...first, ...gap, ...last].slice(0, 4).map((group) => Number.parseInt(group, 16));
  return `${groups.slice(0, 3).join(':')}:${(groups[3] ?? 0) >> 8}`;
}
