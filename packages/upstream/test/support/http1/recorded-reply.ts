import type { ReplyController, ReplyHandler, ReplyHeaders } from '../../../src/http1/reply-handler.ts';
import { until } from './until.ts';

/** What a test does while it is told of something. */
export interface Reactions {
  onStart?(controller: ReplyController): void;
  onHead?(controller: ReplyController): void;
  onData?(controller: ReplyController, chunk: Uint8Array): void;
  onEnd?(): void;
  onError?(): void;
  /** Whether nothing of what it was given is kept; by default something may be. */
  keepsNothing?(): boolean;
}

/** Writes down what a handler is told, in its order. */
export class RecordedReply implements ReplyHandler {
  /** `start`, `head`, `data`, `end` and `error`; pieces of a body in a row are one `data`. */
  readonly told: string[] = [];
  readonly chunks: Buffer[] = [];
  size = 0;
  status: number | undefined;
  headers: ReplyHeaders | undefined;
  controller: ReplyController | undefined;
  error: (Error & { readonly code?: string }) | undefined;
  /** That of `onResponseError`. */
  errorController: ReplyController | undefined;
  readonly #reactions: Reactions;
  readonly #keeps: boolean;

  /** @param keeps whether the body is kept, not only counted */
  constructor(reactions: Reactions = {}, keeps = true) {
    this.#reactions = reactions;
    this.#keeps = keeps;
  }

  get isOver(): boolean {
    return this.told.includes('end') || this.told.includes('error');
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  /** Resolves with this when it has come to its end, whatever that is. */
  async over(): Promise<this> {
    await until(() => this.isOver);
    return this;
  }

  /** Resolves when it was told of that. */
  async toldOf(event: string): Promise<void> {
    await until(() => this.told.includes(event));
  }

  onRequestStart(controller: ReplyController): void {
    this.told.push('start');
    this.controller = controller;
    this.#reactions.onStart?.(controller);
  }

  onResponseStart(controller: ReplyController, status: number, headers: ReplyHeaders): void {
    this.told.push('head');
    this.status = status;
    this.headers = headers;
    this.#reactions.onHead?.(controller);
  }

  onResponseData(controller: ReplyController, chunk: Uint8Array): void {
    if (this.told.at(-1) !== 'data') this.told.push('data');
    this.size += chunk.length;
    // A copy: what becomes of the bytes after this returns is not ours.
    if (this.#keeps) this.chunks.push(Buffer.from(chunk));
    this.#reactions.onData?.(controller, chunk);
  }

  get keepsNothing(): boolean {
    return this.#reactions.keepsNothing?.() ?? false;
  }

  onResponseEnd(): void {
    this.told.push('end');
    this.#reactions.onEnd?.();
  }

  onResponseError(controller: ReplyController | undefined, cause: Error): void {
    this.told.push('error');
    this.error = cause;
    this.errorController = controller;
    this.#reactions.onError?.();
  }
}
