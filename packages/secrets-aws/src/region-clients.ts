import type * as Vendor from '@aws-sdk/client-secrets-manager';
import type {
  GetSecretValueCommandOutput,
  SecretsManagerClient,
  SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import { secretErrors } from '@hostler/secrets';
import { limitAnswer } from './answer-limit.ts';
import type { AwsOptions } from './aws-options.ts';
import type { SecretAddress } from './secret-address.ts';

/** More regions than any configuration names; clients beyond that are made anew when they are needed. */
const MAX_CLIENTS = 16;

/** Without a logger of its own the SDK warns on the console. */
const silent = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

interface Entry {
  readonly client: SecretsManagerClient;
  users: number;
}

/** A name was referenced and nothing says where it is. */
export class RegionMissing extends Error {}

/** Talks to Secrets Manager through the SDK, which is loaded when it is first needed: one client for each region. */
export class RegionClients {
  readonly #options: AwsOptions;
  /** The least recently used comes first. The key of the SDK's own choice is empty. */
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(options: AwsOptions) {
    this.#options = options;
  }

  async getSecretValue(address: SecretAddress, signal: AbortSignal): Promise<GetSecretValueCommandOutput> {
    const { id, region, version, stage } = address;
    return this.#use(region, async (client, { GetSecretValueCommand }) => {
      await checkRegion(client);
      const command = new GetSecretValueCommand({
        SecretId: id,
        ...(version === undefined ? {} : { VersionId: version }),
        ...(stage === undefined ? {} : { VersionStage: stage }),
      });
      return client.send(command, { abortSignal: signal });
    });
  }

  async findCredentials(): Promise<void> {
    await this.#use(undefined, async (client) => void (await client.config.credentials()));
  }

  close(): void {
    this.#closed = true;
    for (const { client } of this.#entries.values()) client.destroy();
    this.#entries.clear();
  }

  async #use<T>(
    region: string | undefined,
    run: (client: SecretsManagerClient, vendor: typeof Vendor) => Promise<T>,
  ): Promise<T> {
    const vendor = await import('@aws-sdk/client-secrets-manager');
    if (this.#closed) throw secretErrors.UNAVAILABLE({ details: { problem: 'its provider is closed' } });
    const entry = this.#entry(vendor, region ?? this.#options.region);
    entry.users += 1;
    try {
      return await run(entry.client, vendor);
    } finally {
      entry.users -= 1;
      this.#trim();
    }
  }

  #entry(vendor: typeof Vendor, region: string | undefined): Entry {
    const key = region ?? '';
    const entry = this.#entries.get(key) ?? { client: createClient(vendor, this.#options, region), users: 0 };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  #trim(): void {
    for (const [key, { client, users }] of this.#entries) {
      if (this.#entries.size <= MAX_CLIENTS) return;
      if (users > 0) continue;
      this.#entries.delete(key);
      client.destroy();
    }
  }
}

function createClient(vendor: typeof Vendor, options: AwsOptions, region: string | undefined): SecretsManagerClient {
  const { endpoint, profile } = options;
  const config: SecretsManagerClientConfig = {
    // The resolver tries again.
    maxAttempts: 1,
    logger: silent,
    requestHandler: { logger: silent },
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
  };
  const client = new vendor.SecretsManagerClient(config);
  client.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const response = result.response as { body?: unknown };
      response.body = limitAnswer(response.body);
      return result;
    },
    { name: 'limitAnswer', step: 'deserialize', priority: 'low' },
  );
  return client;
}

async function checkRegion(client: SecretsManagerClient): Promise<void> {
  try {
    await client.config.region();
  } catch (error) {
    throw new RegionMissing('No region', { cause: error });
  }
}

function ignore(): void {}
