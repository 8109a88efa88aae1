import type { ServerResponse } from 'node:http';
import type { CountedRate } from '@hostler/kernel';

/**
 * Tells a client what is left of a rate, unless a head is out already. Each rate has a line of its own, which together are
 * one list; of rates of one name the last one counts. Source: draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4;
 * RFC 9651, section 4.2.
 */
export function addRateLimit(response: ServerResponse, { name, count, per, left, reset }: CountedRate): void {
  if (response.headersSent) return;
  addLine(response, 'ratelimit-policy', name, `q=${count};w=${per / 1_000}`);
  addLine(response, 'ratelimit', name, `r=${left};t=${Math.ceil(reset / 1_000)}`);
}

function addLine(response: ServerResponse, header: string, name: string, parameters: string): void {
  const before = response.getHeader(header);
  const others = Array.isArray(before) ? before.filter((line) => !line.startsWith(`"${name}";`)) : [];
  response.setHeader(header, [...others, `"${name}";${parameters}`]);
}
