import type { ServerResponse } from 'node:http';
import type { Answer } from '../core/reply.ts';

/** Sends a whole JSON answer in one write, unless a head is out already. @returns the length of its body in bytes */
export function sendJson(
  response: ServerResponse,
  { message, status, retryAfter }: Answer,
  headers?: Readonly<Record<string, string>>,
): number {
  if (response.headersSent || response.destroyed) return 0;
  const length = message.reduce((sum, piece) => sum + piece.length, 0);
  const head: Record<string, string | number> = { 'content-type': 'application/json', 'content-length': length };
  if (retryAfter !== undefined) head['retry-after'] = retryAfter;
  // RFC 9110, 15.5.2.
  if (status === 401) head['www-authenticate'] = 'Bearer';
  if (headers !== undefined) Object.assign(head, headers);
  response.writeHead(status, head);
  response.cork();
  for (const piece of message) response.write(piece);
  response.end();
  return length;
}

/** Sends an answer without a body. */
export function sendEmpty(response: ServerResponse, status: number): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, status === 204 ? {} : { 'content-length': 0 });
  response.end();
}
