import type { SecretProvider, SecretReading } from '@hostler/secrets';
import { parseSecretRef } from '@hostler/secrets';
import { gcp } from '@hostler/secrets-gcp';
import type { GcpSecretManager, GcpTransport } from '@hostler/test-kit';

export const TRANSPORTS: readonly GcpTransport[] = ['grpc', 'rest'];

/** The provider against the stand-in, and nothing else: an insecure endpoint is asked without credentials. */
export function connectTo(backend: GcpSecretManager, transport: GcpTransport): Promise<SecretProvider> {
  return gcp.create({ project: backend.project, endpoint: backend[transport], transport, insecure: true });
}

export function readFrom(
  provider: SecretProvider,
  reference: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<SecretReading> {
  return provider.read(parseSecretRef(reference), { signal, fetch: refuseFetch });
}

export const refuseFetch: typeof fetch = async () => {
  throw new TypeError('Not used by this provider');
};
