import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@hostler/kernel';
import { untilAborted } from '@hostler/secrets';
import { oauthErrors } from './oauth-errors.ts';

/** Source: MCP security best practices: state is of single use and short life. */
const LIFETIME = 10 * 60_000;
const MAX_OPEN = 1_000;
const MAX_OF_ONE = 20;

/** What an authorization server sent a browser back with. */
export interface ConsentAnswer {
  readonly code?: string | undefined;
  readonly iss?: string | undefined;
  readonly error?: string | undefined;
}

/** What is asked of a person. */
export interface ConsentRequest {
  readonly server: string;
  /** Whose tokens these will be: as `principalOf` writes it. */
  readonly principal: string;
  /** For the eyes of whoever agrees. */
  readonly consumer: string;
  readonly subject: string | undefined;
  readonly issuer: string;
  readonly state: string;
  readonly authorizationUrl: URL;
  /** @throws when no token came of it */
  complete(answer: ConsentAnswer): Promise<void>;
}

export interface Consent extends ConsentRequest {
  readonly id: string;
}

interface OpenConsent extends Consent {
  readonly outcome: PromiseWithResolvers<void>;
  readonly stopTimer: () => void;
  /** Hash of what the browser holds that began it. */
  browser?: Buffer;
  isAnswered: boolean;
}

/** Consents that are asked for. They live in memory alone: whoever waits for one does, too. */
export class Consents {
  readonly #clock: Clock;
  readonly #consents = new Map<string, OpenConsent>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws OAUTH_CONSENT_CROWDED */
  open(request: ConsentRequest): Consent {
    const ofOne = [...this.#consents.values()].filter(({ principal }) => principal === request.principal);
    if (this.#consents.size >= MAX_OPEN || ofOne.length >= MAX_OF_ONE) throw oauthErrors.CONSENT_CROWDED();
    const id = randomUUID();
    const outcome = Promise.withResolvers<void>();
    // Nobody need wait for it.
    outcome.promise.catch(() => undefined);
    const stopTimer = this.#clock.after(LIFETIME, () => this.#end(id, oauthErrors.CONSENT_UNKNOWN()));
    const consent = { ...request, id, outcome, stopTimer, isAnswered: false };
    this.#consents.set(id, consent);
    return consent;
  }

  /** @throws OAUTH_CONSENT_UNKNOWN */
  find(id: string): Consent {
    return this.#unanswered(this.#consents.get(id));
  }

  isOpen(id: string): boolean {
    return this.#consents.get(id)?.isAnswered === false;
  }

  /**
   * A person has seen whose and what for it is, and goes on.
   * @param browser what this browser alone holds
   * @throws OAUTH_CONSENT_UNKNOWN, OAUTH_CONSENT_FOREIGN
   */
  confirm(id: string, browser: string): URL {
    const consent = this.#unanswered(this.#consents.get(id));
    const digest = digestOf(browser);
    if (consent.browser !== undefined && !timingSafeEqual(consent.browser, digest)) throw oauthErrors.CONSENT_FOREIGN();
    consent.browser = digest;
    return consent.authorizationUrl;
  }

  /** The id behind a state, for finding what the browser holds. */
  idOf(state: string): string | undefined {
    const digest = digestOf(state);
    return [...this.#consents.values()].find((each) => timingSafeEqual(digestOf(each.state), digest))?.id;
  }

  /** @throws OAUTH_CONSENT_UNKNOWN, OAUTH_CONSENT_FOREIGN, OAUTH_*: as whoever waits for it is told */
  async answer(id: string, browser: string | undefined, answer: ConsentAnswer): Promise<void> {
    const consent = this.#unanswered(this.#consents.get(id));
    const { browser: expected } = consent;
    if (expected === undefined || browser === undefined || !timingSafeEqual(expected, digestOf(browser))) {
      throw oauthErrors.CONSENT_FOREIGN();
    }
    consent.isAnswered = true;
    try {
      await consent.complete(answer);
      consent.outcome.resolve();
    } catch (error) {
      consent.outcome.reject(error);
      throw error;
    }
  }

  /** @throws OAUTH_*, or the reason of the signal */
  async given(id: string, signal: AbortSignal): Promise<void> {
    const consent = this.#consents.get(id);
    if (consent === undefined) throw oauthErrors.CONSENT_UNKNOWN();
    await untilAborted(signal, consent.outcome.promise);
  }

  /** Nobody has to agree to it any more. */
  withdraw(id: string): void {
    this.#end(id, oauthErrors.CONSENT_UNKNOWN());
  }

  close(): void {
    for (const id of this.#consents.keys()) this.#end(id, oauthErrors.CONSENT_UNKNOWN());
  }

  #end(id: string, reason: Error): void {
    const consent = this.#consents.get(id);
    if (consent === undefined) return;
    this.#consents.delete(id);
    consent.stopTimer();
    consent.outcome.reject(reason);
  }

  #unanswered(consent: OpenConsent | undefined): OpenConsent {
    if (consent === undefined || consent.isAnswered) throw oauthErrors.CONSENT_UNKNOWN();
    return consent;
  }
}

/** 256 bits. */
export function createState(): string {
  return randomBytes(32).toString('base64url');
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
