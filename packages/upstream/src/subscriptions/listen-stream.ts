import { isJsonObject } from '@hostler/kernel';
import type { Clock, JsonObject, Notification, Outcome } from '@hostler/kernel';
import { metaKeys } from '@hostler/protocol';
import type { WatchedList } from '@hostler/protocol';
import type { Connection } from '../connection.ts';
import { upstreamErrors } from '../errors.ts';
import { ownRequest } from './own-request.ts';

export interface ListenStreamOptions {
  readonly server: string;
  readonly connection: Connection;
  readonly clock: Clock;
  /** Milliseconds for the server to acknowledge it. */
  readonly timeout: number;
  readonly lists: readonly WatchedList[];
  readonly uris: ReadonlySet<string>;
  onAcknowledged(): void;
  onNotification(notification: Notification): void;
  /** It ended without `stop`: with an answer of the server, or with an error. Called once. */
  onEnd(end: StreamEnd): void;
}

export type StreamEnd = { readonly outcome: Outcome } | { readonly error: unknown };

/** One `subscriptions/listen` request to a modern server. Source: MCP 2026-07-28, basic/patterns/subscriptions. */
export class ListenStream {
  readonly uris: ReadonlySet<string>;
  readonly #options: ListenStreamOptions;
  readonly #controller = new AbortController();
  readonly #stopTimer: () => void;
  /** The resources that the server agreed to; undefined until it has answered. */
  #honoured: ReadonlySet<string> | undefined;
  #isOver = false;

  constructor(options: ListenStreamOptions) {
    const { clock, timeout, server, uris } = options;
    this.uris = uris;
    this.#options = options;
    this.#stopTimer = clock.after(timeout, () => {
      this.#controller.abort(upstreamErrors.TIMEOUT({ details: { server, mayHaveRun: false } }));
    });
    void this.#run();
  }

  honours(uri: string): boolean {
    return this.#honoured?.has(uri) ?? false;
  }

  get honoured(): Iterable<string> {
    return this.#honoured ?? [];
  }

  get isAcknowledged(): boolean {
    return this.#honoured !== undefined;
  }

  stop(): void {
    this.#isOver = true;
    this.#stopTimer();
    this.#controller.abort(new DOMException('The subscription is no longer needed', 'AbortError'));
  }

  async #run(): Promise<void> {
    const { connection, server, lists, uris } = this.#options;
    const notifications: JsonObject = {
      ...Object.fromEntries(lists.map(({ field }) => [field, true])),
      ...(uris.size === 0 ? {} : { resourceSubscriptions: [...uris] }),
    };
    try {
      const outcome = await connection.request(
        ownRequest({
          server,
          method: 'subscriptions/listen',
          params: { notifications },
          signal: this.#controller.signal,
          onNotification: (notification) => this.#receive(notification),
        }),
      );
      this.#finish({ outcome });
    } catch (error) {
      this.#finish({ error });
    }
  }

  #finish(end: StreamEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTimer();
    this.#options.onEnd(end);
  }

  #receive({ method, params = {} }: Notification): void {
    if (this.#isOver) return;
    if (method !== 'notifications/subscriptions/acknowledged') {
      return this.#options.onNotification({ method, params: withoutSubscription(params) });
    }
    if (this.isAcknowledged) return;
    this.#stopTimer();
    this.#honoured = honouredOf(params, this.uris);
    this.#options.onAcknowledged();
  }
}

/** A server that does not say what it agreed to is taken to have agreed to everything. */
function honouredOf({ notifications }: JsonObject, asked: ReadonlySet<string>): ReadonlySet<string> {
  if (!isJsonObject(notifications)) return asked;
  const agreed = notifications['resourceSubscriptions'];
  return new Set(Array.isArray(agreed) ? agreed.filter((uri): uri is string => asked.has(uri as string)) : []);
}

function withoutSubscription(params: JsonObject): JsonObject {
  if (!isJsonObject(params['_meta'])) return params;
  const { [metaKeys.subscriptionId]: _, ...meta } = params['_meta'];
  const { _meta, ...others } = params;
  return Object.keys(meta).length === 0 ? others : { ...others, _meta: meta };
}
