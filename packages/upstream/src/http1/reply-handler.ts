/** Names in lower case, and nothing inherited; a name that came more than once has an array. */
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What whoever waits for a reply can do about it. */
export interface ReplyController {
  /** Ends the request and its connection, unless it is over; one that has not been sent leaves the connection to others. */
  abort(reason: Error): void;
  /** Has the body wait. */
  pause(): void;
  resume(): void;
}

/**
 * Hears about one request. Exactly one of `onResponseEnd` and `onResponseError` comes, and nothing after it. What one of
 * these throws ends the request, and `onResponseError` is told of it.
 */
export interface ReplyHandler {
  /** A connection is there: the request is written as soon as this returns, unless it is aborted here. */
  onRequestStart(controller: ReplyController): void;
  /** The head of the final response. */
  onResponseStart(controller: ReplyController, status: number, headers: ReplyHeaders): void;
  onResponseData(controller: ReplyController, chunk: Uint8Array): void;
  /** Asked after `onResponseData`: nothing of what it was given is read any more, so its memory may be read into again. */
  readonly keepsNothing?: boolean;
  onResponseEnd(controller: ReplyController): void;
  /** @param controller absent when no connection came about: nothing was sent */
  onResponseError(controller: ReplyController | undefined, cause: Error): void;
}
