import type { CheckedGcpOptions } from './options.ts';
import type { OpenClient } from './open-client.ts';
import { openClient } from './open-client.ts';
import type { SecretName } from './secret-name.ts';
import { secretResource } from './secret-name.ts';
import { accessFailure, credentialsFailure, noProject } from './gcp-errors.ts';
import { untilAborted } from '@hostler/secrets';

/** What comes back for a version, of which nothing is certain. */
export interface VersionAnswer {
  readonly name?: unknown;
  readonly payload?: { readonly data?: unknown; readonly dataCrc32c?: unknown } | null;
}

const MOST_PATIENCE = 32;

interface Entry {
  readonly opening: Promise<OpenClient>;
  users: number;
  /** Closed when its last user is done. */
  isLeft: boolean;
}

/** Google's Secret Manager: one client for each location, made when it is needed. */
export class SecretManager {
  readonly #options: CheckedGcpOptions;
  readonly #clients = new Map<string | undefined, Entry>();
  readonly #closing = new AbortController();
  /** Reads without an answer since the last one with, or since a client was left. */
  #timeouts = 0;
  /** So many of them, and the client is left. */
  #patience = 1;

  constructor(options: CheckedGcpOptions) {
    this.#options = options;
  }

  async access(name: SecretName, outer: AbortSignal): Promise<VersionAnswer> {
    const signal = AbortSignal.any([outer, this.#closing.signal]);
    return this.#use(name.location, signal, (open) => this.#read(open, name, signal));
  }

  async #read({ client, routingHeader }: OpenClient, name: SecretName, signal: AbortSignal): Promise<VersionAnswer> {
    await this.#authorize(client, signal);
    const project = name.project ?? this.#options.project ?? (await this.#projectOfCredentials(client, signal));
    const resource = secretResource(name, project);
    const version = `${resource}/versions/${name.version}`;
    const headers = { 'x-goog-request-params': routingHeader(version) };
    try {
      // Not `client.accessSecretVersion`: that one logs every answer when GOOGLE_SDK_NODE_LOGGING is set, and does not
      // pass on what cancels a call. Without `retry` the library would try again by itself.
      const call = client.innerApiCalls['accessSecretVersion'] as AccessCall;
      const [answer] = await call({ name: version }, { signal, retry: null, otherArgs: { headers } });
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      throw accessFailure(error, { resource, project });
    }
  }

  /** Proves that there are credentials and that they are good for a token; an insecure endpoint is asked without. */
  async prove(outer: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([outer, this.#closing.signal]);
    await this.#use(undefined, signal, ({ client }) => this.#authorize(client, signal));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    await Promise.allSettled(clients.map(async ({ opening }) => (await opening).client.close()));
  }

  /** Has the client for a location, as long as the work takes. */
  async #use<T>(location: string | undefined, signal: AbortSignal, work: (open: OpenClient) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    // An endpoint of one's own serves all locations.
    const key = this.#options.endpoint === undefined ? location : undefined;
    const entry = this.#clients.get(key) ?? this.#open(key);
    const open = await opened(entry, signal);
    entry.users += 1;
    try {
      const result = await work(open);
      this.#timeouts = 0;
      this.#patience = 1;
      return result;
    } catch (error) {
      if (isTimeout(signal.reason)) this.#leave(key, entry);
      throw error;
    } finally {
      entry.users -= 1;
      if (entry.users === 0 && entry.isLeft) void open.client.close();
    }
  }

  /**
   * gRPC waits on one connection for ever, also when the network has forgotten it or never let it come about. Who got no
   * answer in time leaves it, and the next read connects anew.
   */
  #leave(key: string | undefined, entry: Entry): void {
    if (this.#options.transport !== 'grpc' || this.#clients.get(key) !== entry) return;
    this.#timeouts += 1;
    if (this.#timeouts < this.#patience) return;
    this.#timeouts = 0;
    // gRPC keeps the socket of a connection that never came about until the other side closes it, so ever fewer are left.
    this.#patience = Math.min(MOST_PATIENCE, 2 * this.#patience);
    this.#clients.delete(key);
    entry.isLeft = true;
  }

  /**
   * Has a token ready, which the library keeps until it expires. Inside of the call, a platform that answers 404 for a
   * token would look the same as a secret that does not exist.
   */
  async #authorize({ auth }: OpenClient['client'], signal: AbortSignal): Promise<void> {
    if (this.#options.insecure) return;
    try {
      await untilAborted(signal, auth.getRequestHeaders());
    } catch (error) {
      signal.throwIfAborted();
      throw credentialsFailure(error);
    }
  }

  /** A client whose credentials cannot be had is not kept: the next read looks for them again. */
  #open(key: string | undefined): Entry {
    const entry: Entry = { opening: openClient(this.#options, key), users: 0, isLeft: false };
    this.#clients.set(key, entry);
    entry.opening.catch(() => this.#clients.delete(key));
    return entry;
  }

  async #projectOfCredentials({ auth }: OpenClient['client'], signal: AbortSignal): Promise<string> {
    try {
      return await untilAborted(signal, auth.getProjectId());
    } catch (error) {
      signal.throwIfAborted();
      throw noProject(error);
    }
  }
}

type AccessCall = (
  request: { readonly name: string },
  options: {
    readonly signal: AbortSignal;
    readonly retry: null;
    readonly otherArgs: { readonly headers: Readonly<Record<string, string>> };
  },
) => Promise<readonly [VersionAnswer, ...unknown[]]>;

async function opened({ opening }: Entry, signal: AbortSignal): Promise<OpenClient> {
  try {
    return await untilAborted(signal, opening);
  } catch (error) {
    signal.throwIfAborted();
    throw credentialsFailure(error);
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}
