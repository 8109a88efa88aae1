import type { HostlerError, JsonObject } from '@hostler/kernel';
import type { MessageId } from '@hostler/protocol';
import type { HttpContext } from '../http/http-context.ts';
import type { ReplyReader } from '../http/reply-reader.ts';
import type { EndReason } from '../pipe/message-pipe.ts';

export interface PostQueueOptions {
  readonly http: HttpContext;
  /** Where messages go: path and query. */
  readonly path: string;
  /** The server did not take the request with this id. */
  onFailed(id: MessageId, reason: EndReason): void;
  /** The server no longer knows the session. */
  onLost(reason: EndReason): void;
}

interface Post {
  readonly body: Buffer;
  /** Of a request. */
  readonly id: MessageId | undefined;
}

/**
 * Sends the messages of one HTTP+SSE session, each as a POST of its own that the server takes with 2xx. They go side by
 * side, except that nothing overtakes `notifications/initialized`.
 */
export class PostQueue {
  readonly #options: PostQueueOptions;
  readonly #open = new Set<ReplyReader>();
  #bytes = 0;
  #held: Post[] | undefined;
  #isStopped = false;

  constructor(options: PostQueueOptions) {
    this.#options = options;
  }

  /** @returns false when too much is waiting to be taken */
  send(message: JsonObject): boolean {
    const { id, method } = message;
    const body = Buffer.from(JSON.stringify(message));
    if (this.#isStopped || this.#bytes + body.length > this.#options.http.connect.limits.queuedBytes) return false;
    this.#bytes += body.length;
    const post: Post = { body, id: method === undefined ? undefined : (id as MessageId | undefined) };
    if (this.#held !== undefined) this.#held.push(post);
    else if (method === 'notifications/initialized') this.#sendBeforeOthers(post);
    else this.#post(post);
    return true;
  }

  stop(): void {
    this.#isStopped = true;
    this.#held = undefined;
    for (const reader of this.#open) reader.stop();
    this.#open.clear();
  }

  #sendBeforeOthers(post: Post): void {
    this.#held = [];
    this.#post(post, () => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const next of held) this.#post(next);
    });
  }

  /** @param onTaken called once, also when it was not taken */
  #post(post: Post, onTaken?: () => void): void {
    const { http, path } = this.#options;
    const { clock, connect, failures, link } = http;
    let isSettled = false;
    const settle = (failure?: EndReason): void => {
      if (isSettled) return;
      isSettled = true;
      stopTimer();
      if (reader !== undefined) this.#open.delete(reader);
      this.#bytes -= post.body.length;
      if (this.#isStopped) return;
      if (failure !== undefined) this.#fail(post, failure);
      onTaken?.();
    };
    // The deadline of its call has passed by then too: only the connection is left to be freed.
    const stopTimer = clock.after(connect.spec.callTimeout, () => {
      settle((mayHaveRun) => failures.timeout(mayHaveRun));
      reader?.stop();
    });
    // A link that has ended fails at once, before there is a reader.
    let reader: ReplyReader | undefined;
    reader = link.send(
      { method: 'POST', headers: [], body: post.body, path, lane: 'calls' },
      {
        onHead: ({ status }) => settle(this.#refusalOf(status)),
        // Nothing that a server says here belongs to anybody: answers come on the stream.
        onEvent: () => reader?.stop(),
        // Its head came before and has settled it.
        onEnd: () => {},
        onFailure: (failure) =>
          settle((mayHaveRun): HostlerError => {
            if (failure.kind === 'unreachable') return failures.unreachable(failure.cause);
            return failures.broken('cause' in failure ? failure.cause : undefined, mayHaveRun);
          }),
      },
    );
    if (!isSettled) this.#open.add(reader);
  }

  #refusalOf(status: number): EndReason | undefined {
    const { failures, headers } = this.#options.http;
    if (status >= 200 && status < 300) return undefined;
    if (status === 401) headers.expire();
    if (isLoss(status)) {
      const lost: EndReason = (mayHaveRun) => failures.unavailable('It no longer knows the session.', mayHaveRun);
      // The others fail after this one: they may have run, and what was refused here did not.
      queueMicrotask(() => this.#options.onLost(lost));
      return () => lost(false);
    }
    return (mayHaveRun) => failures.refused(status, mayHaveRun);
  }

  #fail({ id }: Post, reason: EndReason): void {
    if (id !== undefined) return this.#options.onFailed(id, reason);
    const { log, spec } = this.#options.http.connect;
    log.debug({ server: spec.name, error: reason(false) }, 'the server did not take a message');
  }
}

/** 401: the credentials were replaced, and a new connection reads them again. */
function isLoss(status: number): boolean {
  return status === 401 || status === 404 || status === 410;
}
