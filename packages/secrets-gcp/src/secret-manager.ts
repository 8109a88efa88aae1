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

/** Google's Secret Manager: one client for each location, made when it is needed. */
export class SecretManager {
  readonly #options: CheckedGcpOptions;
  readonly #clients = new Map<string | undefined, Promise<OpenClient>>();
  readonly #closing = new AbortController();

  constructor(options: CheckedGcpOptions) {
    this.#options = options;
  }

  async access(name: SecretName, outer: AbortSignal): Promise<VersionAnswer> {
    const signal = AbortSignal.any([outer, this.#closing.signal]);
    const { client, routingHeader } = await this.#client(name.location, signal);
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
    const { client } = await this.#client(undefined, signal);
    await this.#authorize(client, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    await Promise.allSettled(clients.map(async (opening) => (await opening).client.close()));
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

  async #client(location: string | undefined, signal: AbortSignal): Promise<OpenClient> {
    signal.throwIfAborted();
    // An endpoint of one's own serves all locations.
    const key = this.#options.endpoint === undefined ? location : undefined;
    try {
      return await untilAborted(signal, this.#clients.get(key) ?? this.#open(key));
    } catch (error) {
      signal.throwIfAborted();
      throw credentialsFailure(error);
    }
  }

  /** A client whose credentials cannot be had is not kept: the next read looks for them again. */
  #open(location: string | undefined): Promise<OpenClient> {
    const opening = openClient(this.#options, location);
    this.#clients.set(location, opening);
    opening.catch(() => this.#clients.delete(location));
    return opening;
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
