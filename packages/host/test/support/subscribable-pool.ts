import type { Client, Clock, JsonObject, Notification, Outcome } from '@hostler/kernel';
import type { ConnectionUser, ResourceHold, UpstreamState } from '@hostler/upstream';
import { FakePool } from './fake-pool.ts';

interface Held {
  readonly server: string;
  readonly uri: string;
  readonly onLost: () => void;
}

/** Servers whose resources can be subscribed to; the test decides what they say to it. */
export class SubscribablePool extends FakePool {
  readonly held = new Set<Held>();
  /** How each further subscription ends; accepted by default. */
  respond: (server: string, uri: string) => boolean | Outcome | Promise<boolean> = () => true;
  sourceOf: (user: ConnectionUser) => string = () => 'shared';
  restarts = 0;

  override state(name: string): UpstreamState {
    return { ...super.state(name), restarts: this.restarts };
  }

  override source(): string;
  override source(_name: string, user: ConnectionUser): string;
  override source(_name?: string, user?: ConnectionUser): string {
    return user === undefined ? 'shared' : this.sourceOf(user);
  }

  override subscribe(): never;
  override subscribe(server: string, uri: string, user: ConnectionUser, onLost: () => void): Promise<ResourceHold>;
  override subscribe(server?: string, uri?: string, user?: ConnectionUser, onLost?: () => void): never {
    return this.#hold(server as string, uri as string, user as ConnectionUser, onLost as () => void) as never;
  }

  async #hold(server: string, uri: string, user: ConnectionUser, onLost: () => void): Promise<ResourceHold> {
    const response = await this.respond(server, uri);
    const source = this.sourceOf(user);
    if (response !== true) {
      return { accepted: false, source, release() {}, ...(response !== false && { answer: response }) };
    }
    const held: Held = { server, uri, onLost };
    this.held.add(held);
    return { accepted: true, source, release: () => void this.held.delete(held) };
  }

  /** What is held, sorted. */
  uris(): string[] {
    return [...this.held].map(({ server, uri }) => `${server} ${uri}`).sort();
  }

  updated(server: string, uri: string, source = 'shared'): void {
    this.emit({
      kind: 'notification',
      server,
      source,
      notification: { method: 'notifications/resources/updated', params: { uri } },
    });
  }

  /** The connection of this server ends, and nobody says so but to those who hold something on it. */
  lose(server: string): void {
    for (const held of [...this.held].filter((candidate) => candidate.server === server)) {
      this.held.delete(held);
      held.onLost();
    }
  }
}

/** Time that passes only when the test says so. */
export class HandClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.#now + delay, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  get pending(): number {
    return this.#timers.size;
  }

  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.callback();
    }
    await settled();
  }
}

/** One turn of the event loop: what can settle has settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** A legacy client in a session, and what it is told. */
export function legacyClient(id: string): { readonly client: Client; readonly told: Notification[] } {
  const told: Notification[] = [];
  const session = {
    id,
    notify: (notification: Notification) => void told.push(notification),
    ask: () => Promise.reject(new Error('nobody asks')),
  };
  return { told, client: { era: 'legacy', protocolVersion: '2025-11-25', capabilities: {}, session } };
}

export function update(uri: string): Notification {
  return { method: 'notifications/resources/updated', params: { uri } };
}

export function listed(...uris: string[]): JsonObject {
  return { resources: uris.map((uri) => ({ uri, name: uri })) };
}
