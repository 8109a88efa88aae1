import { isJsonObject } from '@hostler/kernel';
import type { Clock, JsonObject, Logger } from '@hostler/kernel';
import { untilAborted } from '@hostler/secrets';
import type { SecretResolver } from '@hostler/secrets';
import { authErrors } from './auth-errors.ts';
import { introspectionProof, isIntrospectedFor } from './introspection-proof.ts';
import { introspectionRequest } from './introspection-request.ts';
import { fetchDocument } from './issuer-documents.ts';
import { RememberedAnswers } from './remembered-answers.ts';
import type { LivingAnswer } from './remembered-answers.ts';
import type { PresentedToken, TokenIssuer, TokenProof } from './token-issuer.ts';
import type { IntrospectionSpec } from './issuer-spec.ts';

/** Milliseconds. */
export const INTROSPECTION_TIMES = {
  /** Before the issuer is asked again about a token that was good: so long one that it withdraws goes on. */
  good: 60_000,
  /** The same of one that was not. */
  bad: 5_000,
  timeout: 5_000,
} as const;

/** Questions that run at the same time: a flood of made-up tokens is not passed on. */
const MAX_QUESTIONS = 64;

export interface IntrospectionOptions {
  readonly spec: IntrospectionSpec;
  readonly secrets: Pick<SecretResolver, 'resolve'>;
  readonly clock: Clock;
  readonly wallClock: () => number;
  readonly fetch: typeof fetch;
  readonly log: Logger;
  /** Fires when the table is closed. */
  readonly closed: AbortSignal;
}

/** Asks the issuer about tokens that say nothing by themselves (RFC 7662). */
export class Introspection implements TokenIssuer {
  readonly means = 'bearer';
  readonly #options: IntrospectionOptions;
  readonly #answers: RememberedAnswers;
  /** What is asked at the moment, by the hash of the token: once for all who wait. */
  readonly #questions = new Map<string, Promise<LivingAnswer>>();
  #hasFailed = false;

  constructor(options: IntrospectionOptions) {
    this.#options = options;
    this.#answers = new RememberedAnswers(options.clock);
  }

  get spec(): IntrospectionSpec {
    return this.#options.spec;
  }

  /** What a token says of itself is not believed: whatever no other issuer signs may be one of its own. */
  mayHaveIssued(): boolean {
    return true;
  }

  accepts({ method, issuer, claims }: TokenProof): boolean {
    return method === 'introspection' && issuer === this.spec.issuer && isIntrospectedFor(this.spec, claims);
  }

  async verify(token: PresentedToken, signal: AbortSignal): Promise<TokenProof> {
    const { claims, maxAge } = this.#answers.find(token.digest) ?? (await this.#ask(token, signal));
    if (claims === undefined) throw new Error('not active');
    return { ...introspectionProof(claims, this.spec, this.#options.wallClock()), maxAge };
  }

  async #ask({ text, digest }: PresentedToken, signal: AbortSignal): Promise<LivingAnswer> {
    let question = this.#questions.get(digest);
    if (question === undefined) {
      if (this.#questions.size >= MAX_QUESTIONS) throw this.#unavailable();
      question = this.#askOnce(text, digest).finally(() => this.#questions.delete(digest));
      this.#questions.set(digest, question);
    }
    return await untilAborted(signal, question);
  }

  async #askOnce(text: string, digest: string): Promise<LivingAnswer> {
    const { clock, closed } = this.#options;
    const controller = new AbortController();
    const timeout = new DOMException('did not answer in time', 'TimeoutError');
    const cancel = clock.after(INTROSPECTION_TIMES.timeout, () => controller.abort(timeout));
    const signal = AbortSignal.any([controller.signal, closed]);
    try {
      const claims = await untilAborted(signal, this.#answerOf(text, signal));
      this.#tell(undefined);
      const answer = { claims, maxAge: claims === undefined ? INTROSPECTION_TIMES.bad : INTROSPECTION_TIMES.good };
      this.#answers.add(digest, answer);
      return answer;
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : 'unknown');
      throw this.#unavailable();
    } finally {
      cancel();
    }
  }

  /** Absent: the token is not active, and nothing more is said of it. */
  async #answerOf(token: string, signal: AbortSignal): Promise<JsonObject | undefined> {
    const { spec, secrets, fetch } = this.#options;
    const request = await introspectionRequest(token, spec, { secrets, signal });
    const answer = await fetchDocument(spec.url, { fetch, signal }, request);
    if (!isJsonObject(answer) || typeof answer.active !== 'boolean') throw new Error('is no introspection response');
    return answer.active ? answer : undefined;
  }

  /** Once when it begins to fail and once when that is over: everybody who comes with a token asks. */
  #tell(reason: string | undefined): void {
    const { log, spec, closed } = this.#options;
    const hadFailed = this.#hasFailed;
    this.#hasFailed = reason !== undefined;
    if (hadFailed === this.#hasFailed || closed.aborted) return;
    if (reason === undefined) log.info({ issuer: spec.name }, 'The issuer can be asked about tokens again');
    else log.warn({ issuer: spec.name, reason }, 'The issuer cannot be asked about tokens');
  }

  #unavailable(): Error {
    return authErrors.UNAVAILABLE({ cause: new Error(`no answer of the issuer ${this.spec.name}`) });
  }
}
