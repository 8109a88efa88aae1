import type { Socket } from 'node:net';
import type { HashedHeader } from '@hostler/auth';
import type { HttpResponse, WholeRequest } from '@hostler/endpoint';
import type { McpRoute } from '../mcp-route.ts';
import { mcpRouteOf } from '../mcp-route.ts';
import { DirectResponse } from './direct-response.ts';
import type { ResponseOwner } from './direct-response.ts';
import { readPostHead } from './post-head.ts';
import type { PostHead } from './post-head.ts';
import { RepeatedHeads } from './repeated-heads.ts';

export interface ConnectionOwner extends Pick<ResponseOwner, 'lines' | 'connectionLines'> {
  /** Bytes that a head may have. */
  readonly headBytes: number;
  /** Milliseconds. */
  now(): number;
  /** An answer is due, or is not due any more. */
  count(socket: Socket, change: 1 | -1): void;
  answer(request: WholeRequest, response: HttpResponse, route: McpRoute): void;
  /** Somebody else goes on with it, from these bytes. */
  handOver(connection: DirectConnection, bytes: Buffer): void;
  /** Its socket is closed. */
  onClosed(connection: DirectConnection): void;
}

interface RoutedHead extends PostHead {
  readonly route: McpRoute;
  readonly hashed: HashedHeader;
}

/**
 * One connection, as long as nothing comes on it but plain POSTs to MCP endpoints, one after the other. Whatever else comes is
 * handed over whole, from its first byte, and the connection with it, for good.
 */
export class DirectConnection implements ResponseOwner {
  readonly socket: Socket;
  /** Whether it was of use before. */
  hasAnswered = false;
  readonly #owner: ConnectionOwner;
  /** What there is of a request that is not whole yet. */
  #pieces: Buffer[] = [];
  #size = 0;
  /** Bytes that are needed before it is worth looking again. */
  #needed = 1;
  #head: RoutedHead | undefined;
  readonly #repeated = new RepeatedHeads<RoutedHead>();
  #response: DirectResponse | undefined;
  /** When something was last begun or ended. */
  #since: number;

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.socket = socket;
    this.#owner = owner;
    this.#since = owner.now();
    socket.on('data', this.#onData).on('end', this.#onEnd).on('drain', this.#onDrain).on('close', this.#onClose);
    socket.on('error', this.#onError);
  }

  get lines(): string {
    return this.#owner.lines;
  }

  get connectionLines(): string {
    return this.#owner.connectionLines;
  }

  /** Milliseconds since when nothing is under way; undefined: an answer is. */
  idleSince(): number | undefined {
    return this.#response === undefined ? this.#since : undefined;
  }

  /** Whether there is a beginning of a request. */
  get hasBegun(): boolean {
    return this.#size > 0;
  }

  /** Gives it to whoever knows all of HTTP. */
  handOver(): void {
    const { socket } = this;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('drain', this.#onDrain).off('close', this.#onClose);
    socket.off('error', this.#onError);
    const bytes = this.#joined();
    this.#pieces = [];
    this.#size = 0;
    this.#owner.handOver(this, bytes);
    // Now that the other one counts it: in between it would be idle, and be ended where connections are thinned out.
    if (this.#head !== undefined) this.#owner.count(socket, -1);
  }

  onAnswered(mayFollow: boolean): void {
    const { socket } = this;
    this.#response = undefined;
    this.hasAnswered = true;
    this.#since = this.#owner.now();
    this.#owner.count(socket, -1);
    if (!mayFollow) return socket.destroySoon();
    // Whoever was told that this is the last answer gets no other one: nothing is begun in vain.
    if (this.#size === 0 || !socket.writable) return;
    // First: what is begun now may be followed by more as well.
    socket.resume();
    // It came while its forerunner was being answered.
    this.#look();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#size === 0) {
      this.#since = this.#owner.now();
      // A list of one takes less than an empty one to which something is added.
      this.#pieces = [chunk];
    } else this.#pieces.push(chunk);
    this.#size += chunk.length;
    // Nothing is read ahead of the answer.
    if (this.#response !== undefined) this.socket.pause();
    else if (this.#size >= this.#needed) this.#look();
  };

  #look(): void {
    const bytes = this.#joined();
    const head = this.#head ?? this.#readHead(bytes);
    if (head === undefined) return;
    if (bytes.length >= head.bodyEnd) this.#begin(head, bytes);
    else this.#needed = head.bodyEnd;
  }

  /** @returns undefined when it is handed over, or there is not enough of it */
  #readHead(bytes: Buffer): RoutedHead | undefined {
    const head = this.#repeated.find(bytes, this.#owner.headBytes) ?? this.#readAnew(bytes);
    if (head === 'unfinished') return undefined;
    if (head === undefined) {
      this.handOver();
      return undefined;
    }
    this.#head = head;
    this.#owner.count(this.socket, 1);
    return head;
  }

  #readAnew(bytes: Buffer): RoutedHead | 'unfinished' | undefined {
    const head = readPostHead(bytes, this.#owner.headBytes);
    if (head === 'unfinished' || head === undefined) return head;
    const route = mcpRouteOf(head.target);
    if (route?.face !== 'mcp') return undefined;
    const routed = { ...head, route, hashed: {} };
    // Whoever comes once has nothing that comes again.
    if (this.hasAnswered) this.#repeated.remember(bytes, routed);
    return routed;
  }

  #begin({ target, headers, rawHeaders, route, hashed, bodyStart, bodyEnd }: RoutedHead, bytes: Buffer): void {
    const { socket } = this;
    this.#head = undefined;
    this.#needed = 1;
    this.#size = bytes.length - bodyEnd;
    this.#pieces = this.#size === 0 ? [] : [bytes.subarray(bodyEnd)];
    if (this.#size > 0) socket.pause();
    const request = {
      method: 'POST',
      url: target,
      headers,
      rawHeaders,
      socket,
      hashed,
      whole: bytes.subarray(bodyStart, bodyEnd),
    };
    this.#response = new DirectResponse(socket, this);
    this.#owner.answer(request, this.#response, route);
  }

  /** All that there is. */
  #joined(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0] as Buffer;
  }

  /** Whoever has nothing more to say does not read either, as everywhere in HTTP/1.1 servers of Node. */
  readonly #onEnd = (): void => {
    this.socket.end();
  };

  readonly #onDrain = (): void => {
    this.#response?.drained();
  };

  readonly #onError = (): void => {
    this.socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#owner.onClosed(this);
    this.#response?.closed();
  };
}
