import { isDeepStrictEqual } from 'node:util';
import { authErrors, createConsumerTable } from '@hostler/auth';
import type { ConsumerTable, RequestFacts } from '@hostler/auth';
import type { ConsumerSpec, HostPlan, IssuerSpec } from '@hostler/config';
import type { Clock, Consumer, Logger } from '@hostler/kernel';
import type { SecretResolver } from '@hostler/secrets';
import type { Consumers } from './consumers.ts';
import { outboundFetch } from './outbound-fetch.ts';

export interface ConsumersOptions {
  readonly plan: HostPlan;
  readonly secrets: Pick<SecretResolver, 'resolve' | 'onChange'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Fires when the host stops. */
  readonly closing: AbortSignal;
}

export interface ConsumersOfHost extends Consumers {
  /** Reads the secrets of keys, for the first time. */
  start(): Promise<void>;
  /**
   * Makes ready for the consumers of another plan.
   * @returns what puts them in force
   * @throws AUTH_*: they cannot be used
   */
  prepare(plan: HostPlan): () => void;
}

/** What the host acts as where no client is behind it. */
const HOST = 'hostler';
const ANONYMOUS: Consumer = { name: 'anonymous' };

/**
 * Milliseconds for the secrets of new keys to be read, before it is looked at who is good no longer. Those that were used
 * until now are at hand; that a backend is slow must not keep somebody in.
 */
const READ_TIME = 500;

/** @throws AUTH_* */
export function createConsumers(options: ConsumersOptions): ConsumersOfHost {
  return new PlannedConsumers(options);
}

class PlannedConsumers implements ConsumersOfHost {
  readonly #options: ConsumersOptions;
  readonly #listeners = new Set<() => void>();
  #plan: HostPlan;
  /** Absent where it is open. */
  #table: ConsumerTable | undefined;

  constructor(options: ConsumersOptions) {
    const { plan, secrets, closing } = options;
    this.#options = options;
    this.#plan = plan;
    this.#table = createTable(plan, options);
    const unsubscribe = secrets.onChange(({ reference }) => {
      if (keyReferences(this.#plan.consumers).includes(reference)) void this.#readThenTell();
    });
    const stop = (): void => {
      unsubscribe();
      this.#table?.close();
    };
    closing.addEventListener('abort', stop, { once: true });
  }

  get isOpen(): boolean {
    return this.#table === undefined;
  }

  identify(facts: RequestFacts, signal: AbortSignal): Consumer | Promise<Consumer> {
    if (this.#table === undefined) return ANONYMOUS;
    const found = this.#table.identify(facts, signal);
    if (!(found instanceof Promise)) return found;
    return this.#inForce(this.#table, found, () => this.identify(facts, signal));
  }

  isGood(consumer: Consumer): boolean {
    const { name, identity } = consumer;
    if (name === HOST && identity === undefined) return true;
    return this.#table === undefined ? name === ANONYMOUS.name && identity === undefined : this.#table.isGood(consumer);
  }

  names(): readonly string[] {
    return this.#table?.names() ?? [];
  }

  get signedHeaders(): readonly string[] {
    return this.#table?.signedHeaders ?? [];
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    const { closing, log } = this.#options;
    try {
      await this.#table?.readKeys(closing);
    } catch (error) {
      if (!closing.aborted) log.error({ error }, 'the keys of consumers could not be read');
    }
  }

  prepare(next: HostPlan): () => void {
    // What is only seen differently is proved as before: no key has to be fetched anew for that.
    const isSame = isDeepStrictEqual(credentialsOf(this.#plan), credentialsOf(next));
    const nextTable = isSame ? this.#table : createTable(next, this.#options, this.#table);
    return () => {
      const before = this.#table;
      this.#plan = next;
      this.#table = nextTable;
      if (before === nextTable) return;
      before?.close();
      void this.#readThenTell();
    };
  }

  /** What took a while may have been answered, or given up, by what is in force no longer: then its successor is asked. */
  async #inForce(
    asked: ConsumerTable,
    found: Promise<Consumer>,
    again: () => Consumer | Promise<Consumer>,
  ): Promise<Consumer> {
    try {
      const consumer = await found;
      if (this.#table === asked || this.isGood(consumer)) return consumer;
    } catch (error) {
      if (this.#table === asked) throw error;
    }
    // Whoever showed something is not made anonymous by what came in between: the address may not be open to such.
    if (this.#table === undefined) throw authErrors.INVALID();
    return again();
  }

  async #readThenTell(): Promise<void> {
    const { promise: timeUp, resolve } = Promise.withResolvers<void>();
    const stopTimer = this.#options.clock.after(READ_TIME, resolve);
    await Promise.race([this.start(), timeUp]);
    stopTimer();
    for (const listener of this.#listeners) listener();
  }
}

/** @throws AUTH_* */
function createTable(
  plan: HostPlan,
  { secrets, clock, log }: ConsumersOptions,
  former?: ConsumerTable,
): ConsumerTable | undefined {
  const { consumers, auth, outbound } = plan;
  if (consumers === undefined) return undefined;
  const fetch = outboundFetch({ urls: auth.issuers.flatMap(addressesOf), allow: outbound.allow });
  return createConsumerTable({
    consumers,
    issuers: auth.issuers,
    secrets,
    clock,
    fetch,
    log,
    former,
    keepsTokens: exchangesTokens(plan),
  });
}

/** What the operator has written: what these answers name is reached where it is public, or at the same host. */
function addressesOf(issuer: IssuerSpec): (string | undefined)[] {
  const keys = 'jwks' in issuer ? issuer.jwks : 'keys' in issuer ? issuer.keys : undefined;
  return [issuer.issuer, keys, 'url' in issuer ? issuer.url : undefined];
}

/** All that decides who somebody is. */
function credentialsOf(plan: HostPlan): unknown {
  const { consumers, auth, listen, outbound } = plan;
  return {
    outbound,
    // Who may vouch for a certificate.
    proxies: [listen.trustedProxies, auth.certificateHeader],
    exchanges: exchangesTokens(plan),
    issuers: auth.issuers,
    consumers: consumers?.map(({ name, keys, tokens, certificates }) => ({ name, keys, tokens, certificates })),
  };
}

function exchangesTokens({ servers }: HostPlan): boolean {
  return servers.some(({ transport }) => transport.kind === 'http' && transport.oauth?.grant === 'token-exchange');
}

/** The secrets that are keys. */
export function keyReferences(consumers: readonly ConsumerSpec[] = []): readonly string[] {
  return consumers.flatMap(({ keys }) => keys.flatMap((key) => ('secret' in key ? [key.secret.secret] : [])));
}
