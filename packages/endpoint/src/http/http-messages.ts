import type { IncomingMessage, OutgoingHttpHeader } from 'node:http';

/** What is known of a request before its body: Node's requests have it. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders' | 'socket'>;

/** A request that is there as a whole before anybody looks at it. */
export interface WholeRequest extends RequestHead {
  /** Its body. */
  readonly whole: Buffer;
}

export type HttpRequest = IncomingMessage | WholeRequest;

/** What an answer needs to be written: Node's responses have it, and mean the same by it. */
export interface HttpResponse {
  readonly headersSent: boolean;
  /** It is over, or nobody waits for it any more. */
  readonly destroyed: boolean;
  /** Bytes that were written and not taken yet. */
  readonly writableLength: number;
  /** The operating system has all that was written; absent: it may not have. */
  readonly isFlushed?: boolean;
  /** @param headers an object, or names and values in turn */
  writeHead(status: number, headers?: Readonly<Record<string, OutgoingHttpHeader>> | OutgoingHttpHeader[]): unknown;
  flushHeaders(): void;
  cork(): void;
  /** @returns false when the next bytes should wait for `drain` */
  write(bytes: Uint8Array): boolean;
  end(): unknown;
  /** @param body each character is a byte */
  end(body: string, encoding: 'latin1'): unknown;
  destroy(): unknown;
  on(event: 'close' | 'drain', listener: () => void): unknown;
  once(event: 'close' | 'drain', listener: () => void): unknown;
}

export function isWhole(request: HttpRequest): request is WholeRequest {
  return 'whole' in request;
}
