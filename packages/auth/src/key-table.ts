import type { Consumer, Logger, SecretUse } from '@hostler/kernel';
import { untilAborted } from '@hostler/secrets';
import type { SecretResolver } from '@hostler/secrets';
import { authErrors } from './auth-errors.ts';
import { KeyIdentity } from './key-identity.ts';
import { readKey } from './read-key.ts';
import type { ConsumerSpec, SecretKeySpec } from './consumer-spec.ts';

export interface KeyTableOptions {
  readonly consumers: readonly ConsumerSpec[];
  readonly secrets: Pick<SecretResolver, 'resolve'>;
  readonly log: Logger;
  /** Whose place it takes: what that one read serves until it is read anew. */
  readonly former?: KeyTable | undefined;
}

interface ProvedKey {
  readonly digest: string;
  /** Where it is kept, of one that is kept as a secret. */
  readonly use?: SecretUse;
  readonly consumer: Consumer;
}

interface SecretKey {
  readonly name: string;
  readonly spec: SecretKeySpec;
}

/**
 * Whose key it is, by the SHA-256 of the whole key. Nothing is compared with a secret: the map compares hashes, and how
 * long that takes tells something about a hash at most, from which nobody gets to a key that has it. So there is no
 * comparison in constant time here, nor a need of one.
 */
export class KeyTable {
  readonly #options: KeyTableOptions;
  readonly #hashed: readonly ProvedKey[];
  readonly #secretKeys: readonly SecretKey[];
  #known: ReadonlyMap<string, Consumer> = new Map();
  #read: readonly ProvedKey[] = [];
  #missing = 0;
  #reads = 0;

  /** @throws AUTH_KEY_SHARED */
  constructor(options: KeyTableOptions) {
    this.#options = { ...options, former: undefined };
    this.#hashed = options.consumers.flatMap(hashedKeys);
    this.#secretKeys = options.consumers.flatMap(secretKeys);
    const shared = sharedKeys(this.#hashed)[0];
    if (shared !== undefined) throw authErrors.KEY_SHARED({ details: { consumers: shared.names.join(', ') } });
    this.#take(this.#secretKeys.flatMap((key) => proveSecretKey(key, options.former?.digestOf(key.spec.secret))));
  }

  /** Whether every key that is kept as a secret could be read. */
  get isComplete(): boolean {
    return this.#missing === 0;
  }

  find(digest: string): Consumer | undefined {
    return this.#known.get(digest);
  }

  /** As the secret was last read. */
  digestOf({ secret, format }: SecretUse): string | undefined {
    return this.#read.find(({ use }) => use?.secret === secret && use.format === format)?.digest;
  }

  /** Reads the secrets of keys; the table changes in one step. @throws the reason of the signal */
  async read(signal: AbortSignal): Promise<void> {
    if (this.#secretKeys.length === 0) return;
    this.#reads += 1;
    const turn = this.#reads;
    const found = await untilAborted(signal, Promise.all(this.#secretKeys.map((key) => this.#readOne(key, signal))));
    // What was read later counts.
    if (turn !== this.#reads) return;
    this.#take(found.flat());
  }

  #take(read: readonly ProvedKey[]): void {
    const all = [...this.#hashed, ...read];
    const shared = sharedKeys(all);
    // Whose it is cannot be told, so it is nobody's.
    for (const { names } of shared)
      this.#options.log.error({ consumers: names }, 'A key of several consumers is refused');
    this.#known = byDigest(all.filter(({ digest }) => shared.every((each) => each.digest !== digest)));
    this.#read = read;
    this.#missing = this.#secretKeys.length - read.length;
  }

  async #readOne(key: SecretKey, signal: AbortSignal): Promise<readonly ProvedKey[]> {
    const { secrets, log } = this.#options;
    return proveSecretKey(key, await readKey(key.spec.secret, { secrets, signal, log, consumer: key.name }));
  }
}

function hashedKeys({ name, keys }: ConsumerSpec): readonly ProvedKey[] {
  return keys.flatMap((key) =>
    'hash' in key ? [proveKey(name, { digest: key.hash.toLowerCase(), expires: key.expires })] : [],
  );
}

function secretKeys({ name, keys }: ConsumerSpec): readonly SecretKey[] {
  return keys.flatMap((spec) => ('secret' in spec ? [{ name, spec }] : []));
}

function proveSecretKey({ name, spec }: SecretKey, digest: string | undefined): readonly ProvedKey[] {
  const { secret: use, expires } = spec;
  return digest === undefined ? [] : [{ ...proveKey(name, { digest, reference: use.secret, expires }), use }];
}

function proveKey(name: string, proof: ConstructorParameters<typeof KeyIdentity>[0]): ProvedKey {
  return { digest: proof.digest, consumer: Object.freeze({ name, identity: new KeyIdentity(proof) }) };
}

/** Where a consumer has the same key twice, the first says when it expires. */
function byDigest(keys: readonly ProvedKey[]): ReadonlyMap<string, Consumer> {
  return new Map(keys.toReversed().map(({ digest, consumer }) => [digest, consumer]));
}

function sharedKeys(
  keys: readonly ProvedKey[],
): readonly { readonly digest: string; readonly names: readonly string[] }[] {
  const owners = Map.groupBy(keys, ({ digest }) => digest);
  return [...owners].flatMap(([digest, found]) => {
    const names = [...new Set(found.map(({ consumer }) => consumer.name))];
    return names.length > 1 ? [{ digest, names }] : [];
  });
}
