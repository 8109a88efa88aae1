import { isJsonObject } from '@hostler/kernel';
import type { Client, Logger, Notification } from '@hostler/kernel';
import { metaKeys, tellsOfChange } from '@hostler/protocol';
import type { IncomingNotification } from './message-pipe.ts';
import type { OpenCall, OpenCalls } from './open-calls.ts';

export interface NotificationRoutesOptions {
  readonly server: string;
  readonly client: Client | undefined;
  readonly calls: OpenCalls;
  readonly log: Logger;
  readonly onNotification: (notification: Notification) => void;
}

/**
 * Finds whom a server's notification is for. Progress and subscriptions name their call; a log message belongs to the
 * call that is plainly meant. What belongs to no call goes to the pool when it is about lists and resources, since the
 * host keeps those, and to the client when the connection is its own.
 */
export class NotificationRoutes {
  readonly #options: NotificationRoutesOptions;

  constructor(options: NotificationRoutesOptions) {
    this.#options = options;
  }

  deliver({ method, params, related }: IncomingNotification): void {
    const { calls } = this.#options;
    const subscription = isJsonObject(params['_meta']) ? params['_meta'][metaKeys.subscriptionId] : undefined;
    if (method === 'notifications/progress') {
      this.#deliverProgress({ method, params });
    } else if (subscription !== undefined) {
      this.#deliverTo(calls.find(subscription), { method, params });
    } else if (related !== undefined && !tellsOfChange(method)) {
      this.#deliverTo(calls.find(related), { method, params });
    } else if (method === 'notifications/message') {
      this.#deliverLog({ method, params });
    } else if (this.#options.client?.session && !tellsOfChange(method)) {
      this.#options.client.session.notify({ method, params });
    } else {
      this.#options.onNotification({ method, params });
    }
  }

  #deliverProgress({ method, params = {} }: Notification): void {
    const call = this.#options.calls.find(params['progressToken']);
    if (call?.progressToken === undefined) return this.#drop(method);
    call.exchange?.notify({ method, params: { ...params, progressToken: call.progressToken } });
  }

  /** On a connection that more than one session shares two calls in flight are two possible owners, and a guess would show it to a stranger. */
  #deliverLog(notification: Notification): void {
    const { client, calls, onNotification } = this.#options;
    const [latest, ...others] = calls.active();
    if (latest?.exchange && (client?.session || others.length === 0)) latest.exchange.notify(notification);
    else if (client?.session) client.session.notify(notification);
    else onNotification(notification);
  }

  #deliverTo(call: OpenCall | undefined, notification: Notification): void {
    if (call?.exchange) call.exchange.notify(notification);
    else this.#drop(notification.method);
  }

  #drop(method: string): void {
    const { log, server } = this.#options;
    log.debug({ server, method }, 'a notification for a call that is over was dropped');
  }
}
