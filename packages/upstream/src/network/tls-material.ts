import process from 'node:process';
import type { SecureContext } from 'node:tls';
import type { Setting, TlsSpec } from '@hostler/kernel';
import type { ConnectContext } from '../connection.ts';
import { settingText } from '../outbound-headers.ts';
import type { MissingSecret } from '../pool.ts';
import { NetworkFailure } from './network-failure.ts';

/** Whom a connection trusts and as whom it presents itself. Verification cannot be turned off. */
export interface TlsMaterial {
  readonly secureContext?: SecureContext;
  readonly servername?: string;
}

export interface TlsSource extends Pick<ConnectContext, 'secrets' | 'signal'> {
  /** Called when the secrets were read. */
  readonly onMissing?: ((missing: readonly MissingSecret[]) => void) | undefined;
}

/**
 * Reads the PEM texts of a server's `tls`.
 * @throws SECRET_* when a secret cannot be had, NetworkFailure when a text cannot be used
 */
export async function readTls(
  { ca, certificate, key, serverName }: TlsSpec,
  { secrets, signal, onMissing }: TlsSource,
): Promise<TlsMaterial> {
  const missing: MissingSecret[] = [];
  const source = { secrets, signal, onMissing: (one: MissingSecret) => missing.push(one) };
  const read = async (name: string, setting: Setting | undefined): Promise<string | undefined> =>
    setting === undefined ? undefined : settingText(setting, `tls.${name}`, source);
  const [authorities, own, ownKey] = await Promise.all([
    read('ca', ca),
    read('certificate', certificate),
    read('key', key),
  ]);
  onMissing?.(missing);
  if ((own === undefined) !== (ownKey === undefined)) {
    throw new NetworkFailure('Its tls.certificate and tls.key belong together: one of them is missing.');
  }
  return {
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(authorities === undefined && own === undefined
      ? {}
      : { secureContext: secureContextOf(authorities, own, ownKey) }),
  };
}

function secureContextOf(ca: string | undefined, cert: string | undefined, key: string | undefined): SecureContext {
  // Node takes a text without any certificate for an empty list of authorities, and then trusts nobody without a word.
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new NetworkFailure('Its tls.ca holds no certificate in PEM form.');
  }
  try {
    // Not imported: TLS takes 3 MiB, and most hosts have none.
    const { createSecureContext } = process.getBuiltinModule('node:tls');
    return createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
  } catch (cause) {
    throw new NetworkFailure(
      'Its tls.ca, tls.certificate or tls.key cannot be used: each must be whole PEM text, and the key must be that of the certificate.',
      cause,
    );
  }
}
