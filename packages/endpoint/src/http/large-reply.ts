import type { Era, ResultSink } from '@hostler/kernel';
import { arrivingLegacyResult } from '@hostler/protocol';
import type { ArrivingMembers, MessageId } from '@hostler/protocol';
import type { HttpResponse } from './http-messages.ts';
import type { HeadLines } from './send-json.ts';
import { SLOWEST } from './write-watch.ts';
import type { WriteWatch } from './write-watch.ts';

/** Where the bytes of a large answer go. */
export interface LargeOutlet {
  /** @returns false when the next bytes should wait for the response to drain */
  write(bytes: Uint8Array): boolean;
  /** Nothing of what was written is read any more; absent: it may be. */
  readonly keepsNothing?: boolean;
  end(): void;
}

/** What it answers. */
export interface LargeRequest {
  /** Of the client. */
  readonly era: Era;
  readonly method: string;
}

export interface LargeReplyOptions {
  readonly id: MessageId;
  readonly request: LargeRequest;
  readonly response: HttpResponse;
  /** Milliseconds that a client may take beside those for the bytes. */
  readonly patience: number;
  readonly now: () => number;
  /** Undefined when there is no answer to begin any more. */
  readonly open: (reply: LargeReply) => LargeOutlet | undefined;
}

/** An answer whose result is passed on while it arrives. What it costs in memory is what the sockets hold. */
export class LargeReply implements ResultSink {
  readonly #options: LargeReplyOptions;
  #outlet: LargeOutlet | undefined;
  #translation: ArrivingMembers | undefined;
  #written = 0;
  #waited = 0;
  #waitsSince: number | undefined;
  #isOver = false;

  constructor(options: LargeReplyOptions) {
    this.#options = options;
  }

  /** Whether all of it is written. */
  get isOver(): boolean {
    return this.#isOver;
  }

  begin(era: Era, onDrain: () => void): boolean {
    const { open, response, id, request } = this.#options;
    // What a modern result has and a legacy one has not comes from others than its server.
    if (era === 'legacy' && request.era === 'modern') return false;
    this.#outlet = open(this);
    if (this.#outlet === undefined) return false;
    response.on('drain', () => {
      this.#endWait();
      onDrain();
    });
    this.#write(Buffer.from(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`));
    if (era !== request.era) this.#translation = arrivingLegacyResult(request.method);
    return true;
  }

  write(piece: Uint8Array): boolean {
    if (this.#translation === undefined) return this.#write(piece);
    let goesOn = true;
    for (const part of this.#translation.push(piece)) goesOn = this.#write(part);
    return goesOn;
  }

  get keepsNothing(): boolean {
    return this.#translation === undefined && this.#outlet?.keepsNothing === true;
  }

  #write(piece: Uint8Array): boolean {
    const { response, now } = this.#options;
    this.#written += piece.length;
    const goesOn = !response.destroyed && this.#outlet?.write(piece) === true;
    if (!goesOn) this.#waitsSince ??= now();
    return goesOn;
  }

  end(): void {
    this.#write(CLOSE);
    this.#isOver = true;
    this.#outlet?.end();
  }

  /**
   * Whether the client keeps its server waiting for longer than it may: meanwhile the call has a place among those that
   * its server runs at a time, which others wait for.
   */
  isTooSlow(now: number): boolean {
    const waited = this.#waited + (this.#waitsSince === undefined ? 0 : now - this.#waitsSince);
    return !this.#isOver && waited > this.#options.patience + this.#written / SLOWEST;
  }

  #endWait(): void {
    if (this.#waitsSince !== undefined) this.#waited += this.#options.now() - this.#waitsSince;
    this.#waitsSince = undefined;
  }
}

/** One JSON body of which nobody knows the length. */
export function openJson(response: HttpResponse, watch: WriteWatch, headers: HeadLines | undefined): LargeOutlet {
  response.writeHead(200, { ...headers, 'content-type': 'application/json' });
  return {
    write(bytes) {
      watch.count(bytes.length);
      return response.write(bytes);
    },
    get keepsNothing() {
      return response.isFlushed === true;
    },
    end: () => response.end(),
  };
}

const CLOSE = Buffer.from('}');
