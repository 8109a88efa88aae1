import { principalOf } from '@hostler/kernel';
import type { Client, Clock, JsonObject } from '@hostler/kernel';
import type { Host } from '@hostler/host';
import type { Caller } from './endpoint-parts.ts';

export interface ServerInfosOptions {
  readonly host: Host;
  readonly clock: Clock;
  /** Named when a server cannot be described at the moment. */
  readonly fallbackName: string;
}

/** Milliseconds for which a server's name and version are believed. */
const FRESH = 60_000;
const MAX_KEPT = 1_000;

interface Kept {
  readonly info: JsonObject;
  readonly until: number;
}

/** The `serverInfo` of each scope: a modern result names its server, and a legacy server names itself only once. */
export class ServerInfos {
  readonly #options: ServerInfosOptions;
  readonly #kept = new Map<string, Kept>();

  constructor(options: ServerInfosOptions) {
    this.#options = options;
  }

  /** The server is gone, or another one has its name. */
  forget(server: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(`${server}\n`)) this.#kept.delete(key);
  }

  async of({ scope, consumer }: Caller, client: Client): Promise<JsonObject> {
    const { host, clock, fallbackName } = this.#options;
    // A name never holds a line break, so the two cannot run into each other.
    const key = scope.kind === 'all' ? `\n${scope.bundle ?? ''}` : `${scope.name}\n${principalOf(consumer)}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && clock.now() < kept.until) return kept.info;
    try {
      const { info } = await host.describe(scope, consumer, client);
      if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
      this.#kept.set(key, { info, until: clock.now() + FRESH });
      return info;
    } catch {
      // The result is at hand and complete without it: the name of the server is no reason to lose a call that ran.
      return { name: scope.kind === 'all' ? fallbackName : scope.name, version: '0' };
    }
  }
}
