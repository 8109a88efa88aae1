import { secretErrors } from '@hostler/secrets';
import { crc32c } from './crc32c.ts';
import { unavailable } from './gcp-errors.ts';
import type { VersionAnswer } from './secret-manager.ts';
import type { SecretName } from './secret-name.ts';

/** Largest payload that Secret Manager stores. */
const MAX_BYTES = 64 * 1024;

/** `projects/NUMBER/[locations/L/]secrets/S/versions/N`: the answer names the project by its number. */
const VERSION_NAME = /^projects\/[^/]+(?:\/locations\/[^/]+)?\/secrets\/([^/]+)\/versions\/([^/]+)$/;

/**
 * Value and version of an answer that is what was asked for and came through whole.
 * @throws SECRET_UNAVAILABLE, SECRET_VALUE_INVALID
 */
export function versionValue(
  answer: VersionAnswer,
  asked: SecretName,
): { readonly value: string; readonly version: string } {
  const version = answeredVersion(answer.name, asked);
  const { data, dataCrc32c } = answer.payload ?? {};
  if (!(data instanceof Uint8Array)) throw unavailable('its answer holds no value');
  checkChecksum(data, dataCrc32c);
  if (data.length > MAX_BYTES) throw invalidValue('is larger than 64 KiB.');
  return { value: toText(data), version };
}

function answeredVersion(name: unknown, asked: SecretName): string {
  const [, secret, version] = VERSION_NAME.exec(typeof name === 'string' ? name : '') ?? [];
  if (version === undefined) throw unavailable('its answer does not say which version it is');
  const other = secret !== asked.secret || (/^\d+$/.test(asked.version) && version !== asked.version);
  if (other) throw unavailable('the answer was for another secret');
  return version;
}

/** The library hands the checksum over as text and compares nothing itself. */
function checkChecksum(data: Uint8Array, checksum: unknown): void {
  if (typeof checksum !== 'string' || !/^\d+$/.test(checksum)) {
    throw unavailable('its checksum is missing, so that nobody can tell whether the value is whole');
  }
  if (Number(checksum) !== crc32c(data)) throw unavailable('its checksum is wrong: the value was damaged on the way');
}

function toText(data: Uint8Array): string {
  try {
    // A byte order mark is part of the value.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw invalidValue('is not UTF-8 text.');
  }
}

function invalidValue(problem: string): Error {
  return secretErrors.VALUE_INVALID({ details: { problem } });
}
