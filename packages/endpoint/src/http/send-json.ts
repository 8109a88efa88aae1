import type { OutgoingHttpHeader } from 'node:http';
import type { Answer } from '../core/reply.ts';
import type { HttpResponse } from './http-messages.ts';

/** Headers of an answer; several values are as many lines. */
export type HeadLines = Readonly<Record<string, string | string[]>>;

/** Sends a whole JSON answer in one write, unless a head is out already. @returns the length of its body in bytes */
export function sendJson(response: HttpResponse, { message, status, retryAfter }: Answer, headers?: HeadLines): number {
  if (response.headersSent || response.destroyed) return 0;
  let length = 0;
  for (const piece of message) length += piece.length;
  const head: OutgoingHttpHeader[] = ['content-type', 'application/json', 'content-length', length];
  if (retryAfter !== undefined) head.push('retry-after', retryAfter);
  // RFC 9110, 15.5.2.
  if (status === 401) head.push('www-authenticate', 'Bearer');
  for (const name in headers) head.push(name, headers[name] as string | string[]);
  response.writeHead(status, head);
  if (length <= ONE_WRITE) {
    // Latin 1 stands for the bytes as they are. A text goes out with the head in one buffer: `write` in the place of `writev`.
    let body = '';
    for (const piece of message) body += asLatin1(piece);
    response.end(body, 'latin1');
    return length;
  }
  response.cork();
  for (const piece of message) response.write(piece);
  response.end();
  return length;
}

/** Up to here copying is cheaper than another piece; Node writes so much without an allocation. */
const ONE_WRITE = 8 * 1024;

function asLatin1(bytes: Uint8Array): string {
  const piece = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return piece.toString('latin1');
}

/** Sends an answer without a body. */
export function sendEmpty(response: HttpResponse, status: number): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, status === 204 ? {} : { 'content-length': 0 });
  response.end();
}
