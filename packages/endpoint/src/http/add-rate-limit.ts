import type { ServerResponse } from 'node:http';
import type { CountedRate } from '@hostler/kernel';

/**
 * Tells a client what is left of a rate, unless a head is out already. Each rate has a line of its own, which together are
 * one list; of rates of one name the last one counts. Source: draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4;
 * RFC 9651, section 4.2.
 */
export function addRateLimit(response: ServerResponse, rate: CountedRate): void {
  if (response.headersSent) return;
  addLine(response, 'ratelimit-policy', rate.name, policyOf(rate));
  addLine(response, 'ratelimit', rate.name, leftOf(rate));
}

/** The same headers for a head that is still to be written: one that is set beforehand makes Node set all the others one by one. */
export function rateLimitHeaders(rates: readonly CountedRate[]): Readonly<Record<string, string | string[]>> {
  const [only] = rates;
  if (only !== undefined && rates.length === 1) return { 'ratelimit-policy': policyOf(only), ratelimit: leftOf(only) };
  return { 'ratelimit-policy': rates.map(policyOf), ratelimit: rates.map(leftOf) };
}

function policyOf({ name, count, per }: CountedRate): string {
  return `"${name}";q=${count};w=${per / 1_000}`;
}

function leftOf({ name, left, reset }: CountedRate): string {
  return `"${name}";r=${left};t=${Math.ceil(reset / 1_000)}`;
}

function addLine(response: ServerResponse, header: string, name: string, line: string): void {
  const before = response.getHeader(header);
  const others = Array.isArray(before) ? before.filter((other) => !other.startsWith(`"${name}";`)) : [];
  response.setHeader(header, [...others, line]);
}
