import { isJsonObject } from '@hostler/kernel';
import type { Clock, Exchange, JsonObject, Logger, Notification } from '@hostler/kernel';
import { metaKeys, protocolErrors } from '@hostler/protocol';
import type { Connection } from './connection.ts';
import { hostAsClient } from './host-info.ts';
import { RestartSchedule } from './restart-schedule.ts';

export interface ListWatchOptions {
  readonly server: string;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly onNotification: (notification: Notification) => void;
}

/** Field of the subscription, capability that promises it, and the notification that comes of it. */
const LISTS = [
  ['toolsListChanged', 'tools', 'notifications/tools/list_changed'],
  ['promptsListChanged', 'prompts', 'notifications/prompts/list_changed'],
  ['resourcesListChanged', 'resources', 'notifications/resources/list_changed'],
] as const;

/**
 * A modern server tells only those who subscribed that its lists changed, so the host subscribes on its shared
 * connection. Source: MCP 2026-07-28, basic/utilities/subscriptions.
 * @returns the function that ends it
 */
export function watchLists(options: ListWatchOptions): () => void {
  const { connection } = options;
  const lists = LISTS.filter(([, capability]) => {
    const offered = connection.server.capabilities[capability];
    return isJsonObject(offered) && offered['listChanged'] === true;
  });
  const controller = new AbortController();
  if (connection.era === 'modern' && lists.length > 0) void new ListWatch(options, lists, controller.signal).run();
  return () => controller.abort(new DOMException('The connection ended', 'AbortError'));
}

class ListWatch {
  readonly #options: ListWatchOptions;
  readonly #lists: readonly (typeof LISTS)[number][];
  readonly #signal: AbortSignal;
  readonly #schedule: RestartSchedule;
  #hadGap = false;

  constructor(options: ListWatchOptions, lists: readonly (typeof LISTS)[number][], signal: AbortSignal) {
    this.#options = options;
    this.#lists = lists;
    this.#signal = signal;
    this.#schedule = new RestartSchedule(options.clock, options.random);
  }

  /** Never rejects; ends with the signal, or when the server does not take the subscription. */
  async run(): Promise<void> {
    const { connection, clock, log, server } = this.#options;
    while (!this.#signal.aborted) {
      try {
        const { kind } = await connection.request(this.#subscription());
        if (kind === 'error') {
          log.warn({ server }, 'the server refused the subscription to its lists; changes will not be noticed');
          return;
        }
      } catch (error) {
        if (this.#signal.aborted) return;
        log.debug({ server, error }, 'the subscription to the lists of the server broke');
      }
      this.#hadGap = true;
      const delay = this.#schedule.failed();
      await new Promise<void>((resolve) => {
        const cancel = clock.after(delay, resolve);
        const stop = (): void => {
          cancel();
          resolve();
        };
        this.#signal.addEventListener('abort', stop, { once: true });
      });
    }
  }

  #subscription(): Exchange {
    const { server } = this.#options;
    const notifications = Object.fromEntries(this.#lists.map(([field]) => [field, true]));
    return {
      id: `lists-of-${server}`,
      request: { method: 'subscriptions/listen', params: { notifications } },
      scope: { kind: 'server', name: server },
      consumer: { name: 'hostler' },
      client: hostAsClient,
      signal: this.#signal,
      notify: (notification) => this.#receive(notification),
      ask: ({ method }) => Promise.reject(protocolErrors.METHOD_NOT_FOUND({ details: { method } })),
    };
  }

  #receive({ method, params }: Notification): void {
    const { onNotification } = this.#options;
    if (method !== 'notifications/subscriptions/acknowledged') {
      return onNotification({ method, params: withoutSubscription(params ?? {}) });
    }
    this.#schedule.succeeded();
    // What changed while nobody listened was told to nobody.
    if (this.#hadGap) for (const [, , changed] of this.#lists) onNotification({ method: changed, params: {} });
  }
}

function withoutSubscription(params: JsonObject): JsonObject {
  if (!isJsonObject(params['_meta'])) return params;
  const { [metaKeys.subscriptionId]: _, ...meta } = params['_meta'];
  const { _meta, ...others } = params;
  return Object.keys(meta).length === 0 ? others : { ...others, _meta: meta };
}
