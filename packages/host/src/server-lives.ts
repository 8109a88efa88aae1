import type { JsonObject } from '@hostler/kernel';
import type { UpstreamState } from '@hostler/upstream';

/** What a server was when it was last up. */
interface Life {
  readonly restarts: number;
  readonly capabilities: JsonObject;
  readonly isUp: boolean;
}

/** What a new state of a server means. */
export interface Turn {
  /** It is up, and was not, or was started anew. */
  readonly came: boolean;
  /** It was up, and is not. */
  readonly went: boolean;
  /** It was known before. */
  readonly isKnown: boolean;
  /** What it can do; when it is away, what it could. */
  readonly capabilities: JsonObject;
  /** What it could do before, and can do now. */
  readonly concerned: JsonObject;
}

/** Tells the coming and going of servers from what else is said of their state. */
export class ServerLives {
  readonly #lives = new Map<string, Life>();

  observe({ name, restarts, status, server }: UpstreamState): Turn {
    const former = this.#lives.get(name);
    const isUp = status === 'up' && server !== undefined;
    const capabilities = isUp ? server.capabilities : (former?.capabilities ?? {});
    this.#lives.set(name, { isUp, capabilities, restarts: isUp || !former ? restarts : former.restarts });
    return {
      came: isUp && (former?.isUp !== true || former.restarts !== restarts),
      went: !isUp && former?.isUp === true,
      isKnown: former !== undefined,
      capabilities,
      concerned: { ...former?.capabilities, ...capabilities },
    };
  }

  forget(name: string): void {
    this.#lives.delete(name);
  }
}
