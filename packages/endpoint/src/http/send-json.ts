import type { ServerResponse } from 'node:http';
import type { Answer } from '../core/reply.ts';

/** Sends a whole JSON answer in one write. Does nothing when a head is out already. */
export function sendJson(
  response: ServerResponse,
  { message, status, retryAfter }: Answer,
  headers?: Readonly<Record<string, string>>,
): void {
  if (response.headersSent || response.destroyed) return;
  const head: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': message.length,
  };
  if (retryAfter !== undefined) head['retry-after'] = retryAfter;
  if (headers !== undefined) Object.assign(head, headers);
  response.writeHead(status, head);
  response.end(message);
}

/** Sends an answer without a body. */
export function sendEmpty(response: ServerResponse, status: number): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, status === 204 ? {} : { 'content-length': 0 });
  response.end();
}
