import type { HostlerError } from '@hostler/kernel';
import type { Conversation } from './conversation.ts';
import type { Session } from './session.ts';

/** The conversations of one face. */
export class OpenConversations {
  readonly #open = new Set<Conversation>();
  /** What ended ones still hold of the host. */
  readonly #endings = new Set<Promise<void>>();

  add(conversation: Conversation): void {
    this.#open.add(conversation);
  }

  *sessions(): Iterable<Session> {
    for (const conversation of this.#open) yield* conversation.sessions();
  }

  /** Lets what is under way come to its end. */
  async finish(grace: number): Promise<void> {
    await Promise.all([...this.#open].map((conversation) => conversation.finish(grace)));
  }

  end(conversation: Conversation, reason: HostlerError): void {
    if (!this.#open.delete(conversation)) return;
    const ending = conversation.end(reason).finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  /** Resolves when the host has let go of all of them. */
  async close(reason: HostlerError): Promise<void> {
    for (const conversation of this.#open) this.end(conversation, reason);
    await Promise.all(this.#endings);
  }
}
