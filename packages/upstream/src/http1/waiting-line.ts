import type { OngoingRequest } from './ongoing-request.ts';

/** Requests for which there is no connection yet; the first to come is the first to go, however long the line is. */
export class WaitingLine {
  #first: OngoingRequest | undefined;
  #last: OngoingRequest | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  push(request: OngoingRequest): void {
    if (this.#last === undefined) this.#first = request;
    else this.#last.next = request;
    this.#last = request;
  }

  shift(): OngoingRequest | undefined {
    const request = this.#first;
    if (request === undefined) return undefined;
    this.#first = request.next;
    if (this.#first === undefined) this.#last = undefined;
    request.next = undefined;
    return request;
  }
}
