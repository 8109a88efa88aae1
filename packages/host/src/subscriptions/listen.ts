import type { Exchange, Notification } from '@hostler/kernel';
import { untilAborted } from '@hostler/upstream';
import type { HeldResource } from './held-resource.ts';
import { acknowledgement } from './listen-filter.ts';
import type { Watcher } from './watcher.ts';

/**
 * One `subscriptions/listen` under way. What comes before the acknowledgement waits for it: the acknowledgement is the
 * first thing that its client hears. Source: MCP 2026-07-28, basic/patterns/subscriptions.
 */
export class Listen implements Watcher {
  readonly scope: Watcher['scope'];
  readonly user: Watcher['user'];
  readonly held: HeldResource[] = [];
  readonly #exchange: Exchange;
  readonly #methods: ReadonlySet<string>;
  readonly #ended = Promise.withResolvers<void>();
  /** Of each kind one is enough, so this is bounded by what is asked for. */
  #early: Map<string, Notification> | undefined = new Map();

  /** @param methods the changes of lists that it asks to be told of */
  constructor(exchange: Exchange, methods: readonly string[]) {
    this.scope = exchange.scope;
    this.user = { consumer: exchange.consumer, client: exchange.client, scope: exchange.scope };
    this.#exchange = exchange;
    this.#methods = new Set(methods);
  }

  wants(method: string): boolean {
    return this.#methods.has(method);
  }

  notify(notification: Notification): void {
    const { method, params } = notification;
    const about = JSON.stringify(params?.['uri'] ?? params?.['taskId'] ?? null);
    if (this.#early) this.#early.set(`${method} ${about}`, notification);
    else this.#exchange.notify(notification);
  }

  acknowledge(lists: readonly string[], uris: readonly string[], taskIds: readonly string[]): void {
    const early = this.#early?.values() ?? [];
    this.#early = undefined;
    const params = acknowledgement(lists, uris, taskIds);
    this.#exchange.notify({ method: 'notifications/subscriptions/acknowledged', params });
    for (const notification of early) this.#exchange.notify(notification);
  }

  /** Ends it with a result: nothing more will come. */
  end(): void {
    this.#ended.resolve();
  }

  /** Resolves when it has come to its end. @throws the signal's reason when its client is gone */
  finished(): Promise<void> {
    return untilAborted(this.#exchange.signal, this.#ended.promise);
  }
}
