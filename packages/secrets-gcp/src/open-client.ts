import type { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import type * as Gax from 'google-gax';
import type { ClientOptions } from 'google-gax';
import type { CheckedGcpOptions } from './options.ts';

/** A client that has its credentials, and how a request says where it goes. */
export interface OpenClient {
  readonly client: SecretManagerServiceClient;
  readonly routingHeader: (name: string) => string;
}

/** Loads Google's library, finds the credentials and makes a client; `location` absent: the global endpoint. */
export async function openClient(options: CheckedGcpOptions, location: string | undefined): Promise<OpenClient> {
  // Both are CommonJS of several megabytes: nobody pays for them before the first secret is read.
  const [{ v1 }, gax] = await Promise.all([import('@google-cloud/secret-manager'), import('google-gax')]);
  const client = new v1.SecretManagerServiceClient(clientOptions(gax, options, location));
  try {
    // On a client that did not get this far, every call would also reject where nobody can catch it.
    await client.initialize();
  } catch (error) {
    // The library remembers for the life of the process that it found no metadata server; on GKE and Cloud Run the
    // server may only have been a little later than this process.
    gax.googleAuthLibrary.gcpMetadata.resetIsAvailableCache();
    throw error;
  }
  return { client, routingHeader: (name) => gax.routingHeader.fromParams({ name }) };
}

function clientOptions(gax: typeof Gax, options: CheckedGcpOptions, location: string | undefined): ClientOptions {
  return {
    fallback: options.transport === 'rest',
    ...(options.project === undefined ? {} : { projectId: options.project }),
    ...endpointOf(options, location),
    ...(options.insecure ? withoutCredentials(gax) : {}),
    // It would print requests and answers, the values included, when the environment asks for it.
    enableTelemetryLogging: false,
    // Nothing but us decides whether a read is tried again, not even a DNS record.
    'grpc.service_config_disable_resolution': 1,
    // After a long outage gRPC would not look again for up to two minutes.
    'grpc.max_reconnect_backoff_ms': 5_000,
    // Otherwise a new client would take over the connection of the one that was given up.
    'grpc.use_local_subchannel_pool': 1,
  };
}

function endpointOf(options: CheckedGcpOptions, location: string | undefined): ClientOptions {
  if (options.endpoint === undefined) {
    return location === undefined ? {} : { apiEndpoint: `secretmanager.${location}.rep.googleapis.com` };
  }
  const { hostname, port } = new URL(`https://${options.endpoint}`);
  return { apiEndpoint: hostname, port: port === '' ? 443 : Number(port) };
}

function withoutCredentials(gax: typeof Gax): ClientOptions {
  return {
    protocol: 'http',
    sslCreds: gax.grpc.credentials.createInsecure(),
    authClient: new gax.googleAuthLibrary.PassThroughClient(),
  };
}
