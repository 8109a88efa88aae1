import type { ResponseHead } from './response-head.ts';

/** Milliseconds a connection stays free when the server says nothing: less than the 5 s after which many close it. */
export const FREE_TIME = 4_000;
const MOST_FREE_TIME = 600_000;
/** Between the server's thought of closing and ours of writing: nobody can tell then whether a request was read. */
const MARGIN = 2_000;

/** Milliseconds that a connection may stay free after this response was read to its end; 0: it is not used again. */
export function freeTimeOf({ version, status, headers }: ResponseHead): number {
  if (version !== '1.1') return 0;
  if ((status === 204 || status === 304) && saysBody(headers)) return 0;
  const { connection, 'keep-alive': keepAlive } = headers;
  if (connection !== undefined && saysClose(connection)) return 0;
  const seconds = keepAlive === undefined ? undefined : TIMEOUT.exec(String(keepAlive))?.[1];
  if (seconds === undefined) return FREE_TIME;
  return Math.max(0, Math.min(Number(seconds) * 1_000 - MARGIN, MOST_FREE_TIME));
}

/** No body is read with such a status; a server that says it sends one may do so, and it would be the next answer. */
function saysBody(headers: ResponseHead['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

const TIMEOUT = /(?:^|[,;])[\t ]*timeout[\t ]*=[\t ]*"?(\d+)/i;

/** Source: RFC 9110, 7.6.1: a list, in any case, in one field or several. */
function saysClose(connection: string | string[]): boolean {
  if (connection === 'keep-alive') return false;
  return String(connection)
    .toLowerCase()
    .split(',')
    .some((option) => option.trim() === 'close');
}
