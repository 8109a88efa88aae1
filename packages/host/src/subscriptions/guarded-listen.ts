import type { Exchange, McpRequest, Notification } from '@hostler/kernel';
import { RoutedExchange } from '@hostler/upstream';
import type { Views } from '../views.ts';

/** A `subscriptions/listen` that its server answers itself: its client hears what its view lets through while it lasts. */
export class GuardedListen extends RoutedExchange {
  readonly #server: string;
  readonly #views: Views;

  constructor(
    inner: Exchange,
    request: McpRequest,
    { server, views }: { readonly server: string; readonly views: Views },
  ) {
    super(inner, request);
    this.#server = server;
    this.#views = views;
  }

  override notify(notification: Notification): void {
    const { method, params } = notification;
    const uri = method === 'notifications/resources/updated' ? params?.['uri'] : undefined;
    if (!this.#views.mayHear(this, this.#server)) return;
    if (typeof uri === 'string' && !this.#views.mayHearOf(this, this.#server, uri)) return;
    super.notify(notification);
  }
}
