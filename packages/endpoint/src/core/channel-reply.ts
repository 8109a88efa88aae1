import type { MessageId } from '@hostler/protocol';
import type { Answer, Outlet, Reply } from './reply.ts';

/** The answer to one request among the others on the same line: everything can be sent at any time. */
export class ChannelReply implements Reply {
  readonly id: MessageId;
  readonly streaming = true;
  readonly #outlet: Outlet;
  #done = false;

  constructor(id: MessageId, outlet: Outlet) {
    this.id = id;
    this.#outlet = outlet;
  }

  send(message: Uint8Array): boolean {
    return !this.#done && this.#outlet.send(message);
  }

  finish({ message }: Answer): void {
    if (this.#done) return;
    this.#done = true;
    this.#outlet.send(Buffer.concat(message));
  }

  drop(): void {
    this.#done = true;
  }
}
