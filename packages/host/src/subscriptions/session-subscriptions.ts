import type { Consumer, Exchange, Outcome } from '@hostler/kernel';
import { protocolErrors } from '@hostler/protocol';
import { untilAborted } from '@hostler/upstream';
import { subscriptionErrors } from '../errors.ts';
import { emptyOutcome } from '../log-levels.ts';
import { notFound, text } from '../parameters.ts';
import type { HeldResource } from './held-resource.ts';
import type { FindResource } from './find-resource.ts';
import type { ResourceHolders } from './resource-holders.ts';
import type { Watcher } from './watcher.ts';

export interface SessionSubscriptionsOptions {
  readonly holders: ResourceHolders;
  readonly find: FindResource;
  /** Resources that one session may subscribe to. */
  maxResources(consumer: Consumer): number;
}

interface SubscribedSession {
  readonly watcher: Watcher;
  /** By the URI that the client used. */
  readonly held: Map<string, HeldResource>;
  /** What it held when its client fell silent. */
  resting?: readonly Pick<HeldResource, 'server' | 'uri' | 'clientUri'>[] | undefined;
}

/** `resources/subscribe` and `resources/unsubscribe` of legacy clients. Source: MCP 2025-11-25, server/resources. */
export class SessionSubscriptions {
  readonly #options: SessionSubscriptionsOptions;
  readonly #sessions = new Map<string, SubscribedSession>();

  constructor(options: SessionSubscriptionsOptions) {
    this.#options = options;
  }

  /** @throws ROUTE_NOT_FOUND, PROTOCOL_INVALID_PARAMS, SUBSCRIPTION_TOO_MANY, UPSTREAM_*, SECRET_* */
  async subscribe(exchange: Exchange): Promise<Outcome> {
    const clientUri = text(exchange.request.params, 'uri');
    const address = (await this.#options.find(exchange, clientUri)) ?? unknown(clientUri);
    // A session that has ended meanwhile is not begun anew.
    exchange.signal.throwIfAborted();
    const session = this.#sessionOf(exchange);
    if (session.held.has(clientUri)) return emptyOutcome;
    const limit = this.#options.maxResources(exchange.consumer);
    if (session.held.size >= limit) throw subscriptionErrors.TOO_MANY({ details: { limit } });
    const held = this.#options.holders.add(session.watcher, { ...address, clientUri });
    session.held.set(clientUri, held);
    try {
      const { accepted, answer } = await untilAborted(exchange.signal, held.acquire());
      if (accepted) return answer?.era === 'legacy' ? answer : emptyOutcome;
      this.#drop(session, held);
      return answer ?? unknown(clientUri);
    } catch (error) {
      this.#drop(session, held);
      throw error;
    }
  }

  /** What was never subscribed to is none now, either: whoever asks learns nothing. */
  unsubscribe(exchange: Exchange): Outcome {
    const session = this.#sessions.get(exchange.client.session?.id ?? '');
    const held = session?.held.get(text(exchange.request.params, 'uri'));
    if (session && held) this.#drop(session, held);
    return emptyOutcome;
  }

  /** The client is silent: nothing is held for it until it is heard of again. */
  rest(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (!session || session.resting) return;
    session.resting = [...session.held.values()];
    for (const held of session.held.values()) this.#options.holders.remove(held);
    session.held.clear();
  }

  /** Takes up again what was let go, and tells the client that it may have changed meanwhile. */
  wake(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    const resting = session?.resting;
    if (!session || !resting) return;
    session.resting = undefined;
    for (const { server, uri, clientUri } of resting) {
      if (!this.#options.holders.isSeen({ watcher: session.watcher, server, uri })) continue;
      const held = this.#options.holders.add(session.watcher, { server, uri, clientUri });
      session.held.set(clientUri, held);
      void held.renew();
    }
  }

  viewsChanged(): void {
    const { holders } = this.#options;
    for (const session of this.#sessions.values()) {
      for (const held of session.held.values()) if (!holders.isSeen(held)) this.#drop(session, held);
    }
  }

  end(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    this.#sessions.delete(sessionId);
    for (const held of session.held.values()) this.#options.holders.remove(held);
  }

  #sessionOf({ client, consumer, scope }: Exchange): SubscribedSession {
    const { session } = client;
    if (!session) throw protocolErrors.INVALID_REQUEST({ details: { problem: 'a subscription needs a session' } });
    const known = this.#sessions.get(session.id);
    if (known) return known;
    const watcher: Watcher = { scope, user: { consumer, client, scope }, notify: (told) => session.notify(told) };
    const created: SubscribedSession = { watcher, held: new Map() };
    this.#sessions.set(session.id, created);
    return created;
  }

  #drop(session: SubscribedSession, held: HeldResource): void {
    if (session.held.get(held.clientUri) === held) session.held.delete(held.clientUri);
    this.#options.holders.remove(held);
  }
}

/** The same refusal for what does not exist and for what this client may not see. */
function unknown(uri: string): never {
  return notFound('resource', { name: uri, uri });
}
