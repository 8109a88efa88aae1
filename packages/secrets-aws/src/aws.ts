import type { GetSecretValueCommandOutput } from '@aws-sdk/client-secrets-manager';
import { defineSecretProvider, secretErrors, untilAborted } from '@hostler/secrets';
import type { SecretProviderDefinition, SecretReading, SecretRef } from '@hostler/secrets';
import { toAwsFailure } from './aws-failure.ts';
import { awsOptions } from './aws-options.ts';
import type { AwsOptions } from './aws-options.ts';
import { RegionClients } from './region-clients.ts';
import { parseSecretAddress } from './secret-address.ts';
import type { SecretAddress } from './secret-address.ts';

/** Secrets of AWS Secrets Manager: `aws://name` or `aws://arn:…`, with `?version=` or `?stage=`. */
export const aws: SecretProviderDefinition<AwsOptions> = defineSecretProvider({
  scheme: 'aws',
  options: awsOptions,
  create(options) {
    const clients = new RegionClients(options);
    let authenticated = false;
    /** Runs it and turns what it throws into one of our errors, unless nobody waits any more. */
    const attempt = async <T>(ref: Subject, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
      signal.throwIfAborted();
      try {
        const answer = await untilAborted(signal, work());
        authenticated = true;
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        throw toAwsFailure(error, { ...ref, authenticated });
      }
    };
    return {
      problemOf(ref) {
        const address = parseSecretAddress(ref.path);
        return 'problem' in address ? address.problem : undefined;
      },
      async read(ref, { signal }) {
        const address = addressOf(ref);
        const subject = { reference: ref.text, id: address.id };
        return toReading(address, await attempt(subject, signal, () => clients.getSecretValue(address, signal)));
      },
      async check({ signal }) {
        await attempt({ reference: 'aws://', id: 'the secrets' }, signal, () => clients.findCredentials());
      },
      async close() {
        clients.close();
      },
    };
  },
});

interface Subject {
  readonly reference: string;
  readonly id: string;
}

function addressOf(ref: SecretRef): SecretAddress {
  const address = parseSecretAddress(ref.path);
  if (!('problem' in address)) return address;
  throw secretErrors.REFERENCE_INVALID({ details: { reference: ref.text, problem: address.problem } });
}

function toReading(address: SecretAddress, answer: GetSecretValueCommandOutput): SecretReading {
  if (!answers(address, answer)) {
    throw secretErrors.UNAVAILABLE({ details: { problem: 'its answer is for another secret or version' } });
  }
  const { VersionId: version } = answer;
  return {
    value: textOf(answer),
    ...(version === undefined ? {} : { version }),
    ...(address.version === undefined ? {} : { pinned: true }),
  };
}

/** A value in a wrong place is worse than none. */
function answers(
  { id, region, version }: SecretAddress,
  { ARN, Name, VersionId }: GetSecretValueCommandOutput,
): boolean {
  const named = region === undefined ? Name : ARN;
  return named?.toLowerCase() === id.toLowerCase() && (version === undefined || version === VersionId);
}

function textOf({ SecretString, SecretBinary }: GetSecretValueCommandOutput): string {
  if (typeof SecretString === 'string') return SecretString;
  if (!(SecretBinary instanceof Uint8Array)) {
    throw secretErrors.UNAVAILABLE({ details: { problem: 'its answer is not one of Secrets Manager' } });
  }
  try {
    // A byte order mark is part of the value, as it is in text.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(SecretBinary);
  } catch {
    throw secretErrors.VALUE_INVALID({ details: { problem: 'is not UTF-8 text.' } });
  }
}
