import { Payload } from '@hostler/kernel';
import type { Client, Consumer, Era, Exchange, Json, Notification, Outcome, Scope } from '@hostler/kernel';
import type { Host, HostEvent } from '@hostler/host';
import { describeDiscover, describeInitialize, metaKeys } from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';

export interface FakeHostOptions {
  readonly dispatch?: (exchange: Exchange) => Outcome | Promise<Outcome>;
  readonly describe?: (scope: Scope, consumer: Consumer, client: Client) => Promise<ServerDescription>;
  readonly has?: (scope: Scope, consumer: Consumer) => boolean;
  readonly endSession?: (id: string) => Promise<void>;
}

/** A host that answers what a test tells it to, and remembers what it was asked. */
export class FakeHost implements Host {
  readonly seen: Exchange[] = [];
  readonly endedSessions: string[] = [];
  readonly restedSessions: string[] = [];
  readonly wokenSessions: string[] = [];
  readonly told: string[] = [];
  describes = 0;
  readonly #options: FakeHostOptions;
  readonly #listeners = new Set<(event: HostEvent) => void>();
  #onDispatch: Array<(exchange: Exchange) => void> = [];

  constructor(options: FakeHostOptions = {}) {
    this.#options = options;
  }

  async dispatch(exchange: Exchange): Promise<Outcome> {
    this.seen.push(exchange);
    const waiting = this.#onDispatch;
    this.#onDispatch = [];
    for (const resolve of waiting) resolve(exchange);
    return this.#options.dispatch ? this.#options.dispatch(exchange) : result({ ok: true }, exchange.client.era);
  }

  /** The next exchange that comes in. */
  nextDispatch(): Promise<Exchange> {
    return new Promise((resolve) => this.#onDispatch.push(resolve));
  }

  describe(scope: Scope, consumer: Consumer, client: Client): Promise<ServerDescription> {
    this.describes++;
    return this.#options.describe?.(scope, consumer, client) ?? Promise.resolve(description(client.era));
  }

  has(scope: Scope, consumer: Consumer): boolean {
    return this.#options.has?.(scope, consumer) ?? true;
  }

  notify(sessionId: string, { method }: Notification): void {
    this.told.push(`${sessionId} ${method}`);
  }

  restSession(id: string): Promise<void> {
    this.restedSessions.push(id);
    return Promise.resolve();
  }

  wakeSession(id: string): void {
    this.wokenSessions.push(id);
  }

  async endSession(id: string): Promise<void> {
    this.endedSessions.push(id);
    await this.#options.endSession?.(id);
  }

  onEvent(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(event: HostEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  servers(): [] {
    return [];
  }

  regroup(): void {}

  viewsChanged(): void {}

  trust(): void {}

  drift(): [] {
    return [];
  }

  observed(): ReturnType<Host['observed']> {
    return Promise.resolve(new Map());
  }

  conflicts(): Promise<[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function result(value: Json, era: Era): Outcome {
  return { kind: 'result', era, payload: Payload.of(value) };
}

export function failure(value: Json, era: Era): Outcome {
  return { kind: 'error', era, payload: Payload.of(value) };
}

export function description(era: Era): ServerDescription {
  const capabilities = { tools: { listChanged: true }, logging: {} };
  const serverInfo = { name: 'fake', version: '1.2.3' };
  return era === 'legacy'
    ? describeInitialize({ protocolVersion: '2025-11-25', capabilities, serverInfo })
    : describeDiscover({
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        capabilities,
        ttlMs: 0,
        cacheScope: 'private',
        _meta: { [metaKeys.serverInfo]: serverInfo },
      });
}
