import type { Clock, JsonObject, Logger } from '@hostler/kernel';
import { enclosingUris } from '@hostler/protocol';
import type { Pool } from '@hostler/upstream';
import { HeldResource } from './held-resource.ts';
import type { Views } from '../views.ts';
import type { Watcher } from './watcher.ts';

export interface ResourceHoldersOptions {
  readonly pool: Pool;
  readonly log: Logger;
  readonly clock: Clock;
  readonly views: Views;
}

/** Milliseconds between attempts to make lost subscriptions again; when their server comes back, they are made at once. */
const RETRY = 5_000;

/** Who waits to hear of which resource. */
export class ResourceHolders {
  readonly #options: ResourceHoldersOptions;
  /** By server, then by the server's own URI. */
  readonly #held = new Map<string, Map<string, Set<HeldResource>>>();
  readonly #lost = new Set<HeldResource>();
  #cancelRetry: (() => void) | undefined;

  constructor(options: ResourceHoldersOptions) {
    this.#options = options;
  }

  /** Notes it before the server knows of it, so that no update is missed in between. */
  add(watcher: Watcher, { server, uri, clientUri }: Pick<HeldResource, 'server' | 'uri' | 'clientUri'>): HeldResource {
    const { pool, log } = this.#options;
    const onLost = (lost: HeldResource): void => this.#onLost(lost);
    const held = new HeldResource({ pool, log, watcher, server, uri, clientUri, onLost });
    const ofServer = this.#held.get(server) ?? new Map<string, Set<HeldResource>>();
    this.#held.set(server, ofServer);
    ofServer.set(uri, (ofServer.get(uri) ?? new Set()).add(held));
    return held;
  }

  remove(held: HeldResource): void {
    const ofServer = this.#held.get(held.server);
    const ofUri = ofServer?.get(held.uri);
    if (ofUri?.delete(held) && ofUri.size === 0) ofServer?.delete(held.uri);
    if (ofServer?.size === 0) this.#held.delete(held.server);
    this.#lost.delete(held);
    if (this.#lost.size === 0) this.#stopRetry();
    held.release();
  }

  /** Whether its client may still see it. */
  isSeen({ watcher, server, uri }: Pick<HeldResource, 'watcher' | 'server' | 'uri'>): boolean {
    return this.#options.views.mayHearOf(watcher.user, server, uri);
  }

  /** A server told of a resource, or of a part of one. Each client that waits for it hears of it once. */
  tell(server: string, params: JsonObject, source: string): void {
    const { uri } = params;
    const ofServer = this.#held.get(server);
    if (typeof uri !== 'string' || ofServer === undefined) return;
    const told = new Set<Watcher>();
    for (const enclosing of enclosingUris(uri)) {
      for (const { watcher, clientUri } of toldOver(source, ofServer.get(enclosing))) {
        if (told.has(watcher) || !this.#options.views.mayHearOf(watcher.user, server, uri)) continue;
        told.add(watcher);
        const named = clientUri + uri.slice(enclosing.length);
        watcher.notify({ method: 'notifications/resources/updated', params: { ...params, uri: named } });
      }
    }
  }

  /** The server was started anew: nothing that was held before is held now. */
  renew(server: string): void {
    for (const held of this.#ofServer(server)) this.#renew(held);
  }

  /** There is a server of this name again: what was held of the one before is subscribed to. */
  resume(server: string): void {
    for (const held of this.#ofServer(server)) if (held.isLost) this.#renew(held);
  }

  close(): void {
    this.#stopRetry();
  }

  #onLost(held: HeldResource): void {
    const { pool, clock } = this.#options;
    // A server that was removed is not asked again: it may come back as another one of its name.
    if (!pool.spec(held.server)) return;
    this.#lost.add(held);
    this.#cancelRetry ??= clock.after(RETRY, () => this.#retry());
  }

  #retry(): void {
    this.#cancelRetry = undefined;
    const lost = [...this.#lost];
    this.#lost.clear();
    for (const held of lost) void held.renew();
  }

  #renew(held: HeldResource): void {
    this.#lost.delete(held);
    void held.renew();
  }

  /** A copy, for it may change while it is gone through. */
  #ofServer(server: string): HeldResource[] {
    return [...(this.#held.get(server)?.values() ?? [])].flatMap((ofUri) => [...ofUri]);
  }

  #stopRetry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }
}

/** A copy: who is told may give up what it holds. */
function toldOver(source: string, held: ReadonlySet<HeldResource> | undefined): HeldResource[] {
  return held === undefined ? [] : [...held].filter((resource) => resource.isToldOver(source));
}
