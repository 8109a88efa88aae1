import { isHostlerError } from '@hostler/kernel';
import type { Logger, SecretUse } from '@hostler/kernel';
import type { SecretResolver } from '@hostler/secrets';
import { hashKey } from './key-text.ts';
import { MAX_CREDENTIAL_LENGTH } from './presented-credential.ts';

/** A key of one's own making has at least as many characters. */
const MIN_KEY_LENGTH = 20;
const VISIBLE = /^[\x21-\x7e]+$/;

interface Reading {
  readonly secrets: Pick<SecretResolver, 'resolve'>;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Whose key it is. */
  readonly consumer: string;
}

/** The hash of a key that is kept as a secret; absent, and logged, where there is none. @throws the reason of the signal */
export async function readKey(use: SecretUse, reading: Reading): Promise<string | undefined> {
  const { secrets, signal, log, consumer } = reading;
  const { secret: reference, format = '{}' } = use;
  try {
    const secret = await secrets.resolve(reference, signal);
    const text = format.replace('{}', () => secret.reveal());
    const problem = problemOfKey(text);
    if (problem === undefined) return hashKey(text);
    log.error({ consumer, reference, problem }, 'A secret is no key, and opens nothing');
  } catch (error) {
    signal.throwIfAborted();
    const code = isHostlerError(error) ? error.code : 'unknown';
    log.warn({ consumer, reference, code }, 'A key cannot be read, and opens nothing until it can');
  }
  return undefined;
}

function problemOfKey(text: string): string | undefined {
  if (text.length < MIN_KEY_LENGTH) return `it has less than ${MIN_KEY_LENGTH} characters`;
  if (text.length > MAX_CREDENTIAL_LENGTH / 2) return 'it is too long for a header';
  return VISIBLE.test(text) ? undefined : 'it holds a space, a line end or a character beyond ASCII';
}
