import type { Setting } from '@hostler/kernel';
import type { SecretResolver } from '@hostler/secrets';
import { auditErrors } from '@hostler/audit';

type Resolver = Pick<SecretResolver, 'resolve'>;

/** What the record is signed with. @throws SECRET_*, AUDIT_KEY */
export async function readAuditKey(reference: string, secrets: Resolver, signal: AbortSignal): Promise<Uint8Array> {
  const secret = await secrets.resolve(reference, signal);
  const bytes = Buffer.from(secret.reveal());
  if (bytes.length < LEAST_CHARACTERS) {
    throw auditErrors.KEY({ details: { problem: `it has fewer than ${LEAST_CHARACTERS} characters.` } });
  }
  return bytes;
}

const LEAST_CHARACTERS = 32;

/** The headers of a sink, for that sink alone. @throws SECRET_* */
export async function readSinkHeaders(
  headers: Readonly<Record<string, Setting>>,
  secrets: Resolver,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const read = Object.entries(headers).map(async ([name, setting]): Promise<[string, string][]> => {
    if (typeof setting === 'string') return [[name, setting]];
    try {
      const secret = await secrets.resolve(setting.secret, signal);
      return [[name, (setting.format ?? '{}').replace('{}', () => secret.reveal())]];
    } catch (error) {
      if (setting.optional === true) return [];
      throw error;
    }
  });
  return Object.fromEntries((await Promise.all(read)).flat());
}
