import { violation } from './reply-errors.ts';
import type { ResponseHead } from './response-head.ts';

/**
 * Where the body of a final response ends: after so many bytes, with its last chunk, or with the connection.
 * Source: RFC 9112, 6.3, without what it lets a recipient mend.
 * @throws HTTP_PARSER
 */
export function bodyLength({ status, headers }: ResponseHead): number | 'chunked' | 'connection' {
  const length = headers['content-length'];
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (length !== undefined) throw violation('it has both a content-length and a transfer-encoding');
    if (typeof coding !== 'string' || coding.toLowerCase() !== 'chunked') throw violation('its transfer-encoding');
  }
  const bytes = length === undefined ? undefined : lengthOf(length);
  if (status === 204 || status === 304) return 0;
  if (coding !== undefined) return 'chunked';
  return bytes ?? 'connection';
}

function lengthOf(text: string | string[]): number {
  const length = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(length)) throw violation('its content-length');
  return length;
}
