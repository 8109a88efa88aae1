import { isHostlerError, isJsonObject, principalOf } from '@hostler/kernel';
import type { ClientAnswer, ClientSession, Clock, Exchange, HostlerError, JsonObject, Logger } from '@hostler/kernel';
import { hasUserGrant } from '@hostler/upstream';
import type { ConnectionUser, Pool, ServerTokens } from '@hostler/upstream';
import { consentErrors } from './consent-errors.ts';

export interface ConsentsOptions {
  readonly pool: Pick<Pool, 'spec'>;
  readonly tokens: Pick<ServerTokens, 'consented'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** A user has agreed while no call waited for it. */
  readonly onConsented: (user: ConnectionUser, server: string) => void;
}

/** What a user has to agree to, and where. */
interface Consent {
  readonly server: string;
  readonly url: string;
  readonly elicitationId: string;
}

/** Consents that nobody waits for, and whose coming is told all the same. */
const MAX_WATCHED = 1_000;
/** Of one user: others want to be told as well. */
const MAX_OF_ONE = 50;

/** Sends users to the pages on which they agree to what the host shall do for them at a server. */
export class Consents {
  readonly #options: ConsentsOptions;
  readonly #watched = new Set<string>();
  readonly #closing = new AbortController();

  constructor(options: ConsentsOptions) {
    this.#options = options;
  }

  /** Whether users may have to agree before this server can be reached. */
  concerns(server: string): boolean {
    const spec = this.#options.pool.spec(server);
    return spec !== undefined && hasUserGrant(spec);
  }

  /**
   * Resolves when the user of this exchange has agreed.
   * @param error OAUTH_CONSENT_REQUIRED
   * @throws CONSENT_REFUSED, CONSENT_REQUIRED or CONSENT_NOT_ASKED where the client has to come back, OAUTH_*, or a signal's reason
   */
  async obtain(exchange: Exchange, server: string, error: HostlerError): Promise<void> {
    const consent = consentOf(server, error);
    const answer = await this.#ask(exchange, consent);
    if (answer === undefined) throw this.required(exchange, server, error);
    const result = answer.kind === 'result' && isJsonObject(answer.result) ? answer.result : {};
    if (result['action'] !== 'accept') throw consentErrors.REFUSED({ details: { server } });
    if (!(await this.#isGiven(exchange, consent))) throw this.required(exchange, server, error);
    if (knowsCompletion(exchange.client)) exchange.notify(completion(consent));
  }

  /** What a client is told that has to open the page and come back. It hears of the consent when it has a session. */
  required(exchange: Exchange, server: string, error: HostlerError): HostlerError {
    const consent = consentOf(server, error);
    this.#watch(exchange, consent);
    const { url, elicitationId } = consent;
    if (exchange.client.era === 'legacy') {
      return consentErrors.REQUIRED({ details: { server, elicitations: [pageOf(consent)] }, cause: error });
    }
    const requiredCapabilities = { elicitation: { url: {} } };
    return consentErrors.NOT_ASKED({ details: { server, requiredCapabilities, url, elicitationId }, cause: error });
  }

  close(): void {
    this.#closing.abort(new Error('The host stops.'));
  }

  /** Undefined when this client cannot be asked. */
  async #ask(exchange: Exchange, consent: Consent): Promise<ClientAnswer | undefined> {
    try {
      return await exchange.ask({ method: 'elicitation/create', params: pageOf(consent) });
    } catch (error) {
      if (isHostlerError(error) && error.code === 'CLIENT_CANNOT_BE_ASKED') return undefined;
      throw error;
    }
  }

  /** @returns false when the call has no time left */
  async #isGiven({ signal }: Exchange, { server, elicitationId }: Consent): Promise<boolean> {
    const { clock, pool, tokens } = this.#options;
    const time = new AbortController();
    const cancel = clock.after(pool.spec(server)?.callTimeout ?? 0, () => time.abort());
    try {
      await tokens.consented(elicitationId, AbortSignal.any([signal, time.signal]));
      return true;
    } catch (error) {
      if (signal.aborted || !time.signal.aborted) throw error;
      return false;
    } finally {
      cancel();
    }
  }

  #watch({ client, consumer }: Exchange, consent: Consent): void {
    const { tokens, onConsented, log } = this.#options;
    const { elicitationId, server } = consent;
    const whose = `${principalOf(consumer)} `;
    const key = `${whose}${elicitationId} ${client.session?.id ?? ''}`;
    if (this.#watched.has(key) || this.#watched.size >= MAX_WATCHED) return;
    if ([...this.#watched].filter((each) => each.startsWith(whose)).length >= MAX_OF_ONE) return;
    this.#watched.add(key);
    const onGiven = (): void => {
      if (knowsCompletion(client)) client.session?.notify(completion(consent));
      onConsented({ consumer, client }, server);
    };
    void tokens
      .consented(elicitationId, this.#closing.signal)
      .then(onGiven)
      .catch((error: unknown) => log.debug({ server, error }, 'a consent was not given'))
      .finally(() => this.#watched.delete(key));
  }
}

function consentOf(server: string, { details }: HostlerError): Consent {
  const { url, elicitationId } = details;
  if (typeof url !== 'string' || typeof elicitationId !== 'string') throw new TypeError('a consent without a page');
  return { server, url, elicitationId };
}

/** Source: MCP 2025-11-25, client/elicitation, "URL mode". */
function pageOf({ server, url, elicitationId }: Consent): JsonObject {
  return { mode: 'url', url, elicitationId, message: `Sign in to ${server}, so that its tools can be used for you.` };
}

function completion({ elicitationId }: Consent) {
  return { method: 'notifications/elicitation/complete', params: { elicitationId } };
}

/** Source: MCP 2025-11-25, client/elicitation, "Completion notifications"; no other revision has them. */
function knowsCompletion({ era, protocolVersion }: { era: string; protocolVersion: string; session?: ClientSession }) {
  return era === 'legacy' && protocolVersion >= '2025-11-25';
}
