import { isHostlerError } from '@hostler/kernel';
import { secretErrors } from '@hostler/secrets';
import { RegionMissing } from './region-clients.ts';

/** What is known where it failed. */
export interface FailedRead {
  /** As the operator wrote it. */
  readonly reference: string;
  /** Name or ARN of the secret. */
  readonly id: string;
  /** Whether there ever were credentials. */
  readonly authenticated: boolean;
}

const NO_CREDENTIALS =
  'this host has no AWS credentials: give it a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
const UNKNOWN_KEY = 'AWS does not know the access key of this host: check its credentials.';
const BAD_SIGNATURE = 'the signature of this host is refused: check its secret access key and its clock.';
const EXPIRED = 'the session of this host has expired: renew its credentials.';
const BAD_IDENTITY = 'the web identity token of this host is refused: check the OIDC provider and the trust policy.';

/** Names of errors of the SDK, of Secrets Manager and of STS, which lends out roles. */
const CREDENTIALS: ReadonlyMap<string, string> = new Map([
  ['CredentialsProviderError', NO_CREDENTIALS],
  ['TokenProviderError', NO_CREDENTIALS],
  ['MissingAuthenticationToken', NO_CREDENTIALS],
  ['MissingAuthenticationTokenException', NO_CREDENTIALS],
  ['UnrecognizedClientException', UNKNOWN_KEY],
  ['InvalidClientTokenId', UNKNOWN_KEY],
  ['InvalidSignatureException', BAD_SIGNATURE],
  ['SignatureDoesNotMatch', BAD_SIGNATURE],
  ['IncompleteSignature', BAD_SIGNATURE],
  ['IncompleteSignatureException', BAD_SIGNATURE],
  ['ExpiredToken', EXPIRED],
  ['ExpiredTokenException', EXPIRED],
  ['RequestExpired', EXPIRED],
  ['InvalidIdentityToken', BAD_IDENTITY],
  ['InvalidIdentityTokenException', BAD_IDENTITY],
  // Of STS alone; Secrets Manager says AccessDeniedException.
  ['AccessDenied', 'this host may not assume its role: check the trust policy of the role.'],
]);

const NO_REGION =
  'it names no region: write the whole ARN, or set region of the provider, AWS_REGION or the region of the profile.';

/** Turns whatever the SDK threw into one of our errors. What the backend said is in `cause` only. */
export function toAwsFailure(thrown: unknown, read: FailedRead): Error {
  if (isHostlerError(thrown)) return thrown;
  const failure = describe(thrown);
  const { cause } = failure;
  if (thrown instanceof RegionMissing) {
    return secretErrors.REFERENCE_INVALID({ details: { reference: read.reference, problem: NO_REGION }, cause });
  }
  if (failure.clockCorrected) {
    // The SDK has taken over the clock of AWS: the next try is good.
    return secretErrors.UNAVAILABLE({ details: { problem: 'the clock of this host is wrong' }, cause });
  }
  if (failure.name === 'CredentialsProviderError' && read.authenticated) {
    return secretErrors.UNAVAILABLE({ details: { problem: 'the credentials of this host cannot be renewed' }, cause });
  }
  return finalFailure(failure, read) ?? secretErrors.UNAVAILABLE({ details: { problem: whyNot(failure) }, cause });
}

function finalFailure(failure: Failure, { reference, id }: FailedRead): Error | undefined {
  const { name, message, status, cause } = failure;
  switch (name) {
    case 'ResourceNotFoundException':
      return secretErrors.NOT_FOUND({ cause });
    case 'InvalidRequestException': {
      const deleted = /\bdelet/i.test(message);
      const problem = deleted ? 'is scheduled for deletion' : 'cannot be read in its present state';
      return secretErrors.DISABLED({ details: { problem }, cause });
    }
    case 'ValidationException':
    case 'InvalidParameterException': {
      const problem = 'AWS refuses it: check the name, the version and the stage.';
      return secretErrors.REFERENCE_INVALID({ details: { reference, problem }, cause });
    }
    case 'DecryptionFailure':
    case 'DecryptionFailureException':
      return denied('allow kms:Decrypt on the key of the secret to the identity of this host.', cause);
    case 'AccessDeniedException':
      if (/\bkms:\w|access to kms\b/i.test(message)) {
        return denied('allow kms:Decrypt on the key of the secret to the identity of this host.', cause);
      }
  }
  const problem = CREDENTIALS.get(name);
  if (problem !== undefined) return denied(problem, cause);
  if (name !== 'AccessDeniedException' && status !== 401 && status !== 403) return undefined;
  return denied(`allow secretsmanager:GetSecretValue on ${id} to the identity of this host.`, cause);
}

function denied(problem: string, cause: Error): Error {
  return secretErrors.ACCESS_DENIED({ details: { problem }, cause });
}

function whyNot({ name, status, systemCode, overlong }: Failure): string {
  if (/^(?:Throttl|TooManyRequests|RequestLimitExceeded)/.test(name) || status === 429)
    return 'AWS throttles this host';
  if (systemCode !== undefined)
    return 'Secrets Manager cannot be reached: check the network, the region and the endpoint';
  if (name === 'TimeoutError') return 'Secrets Manager did not answer in time';
  if (name === 'InternalServiceError' || (status !== undefined && status >= 500))
    return 'Secrets Manager has a failure';
  if (overlong) return 'its answer is too long';
  return status === undefined ? 'the AWS SDK fails' : 'its answer is not one of Secrets Manager';
}

interface Failure {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  /** Of the operating system: ECONNREFUSED, ENOTFOUND … */
  readonly systemCode: string | undefined;
  readonly clockCorrected: boolean;
  readonly overlong: boolean;
  readonly cause: Error;
}

interface Metadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string;
  readonly clockSkewCorrected?: boolean;
}

function describe(thrown: unknown): Failure {
  const error = thrown instanceof Error ? thrown : new Error('Not an error');
  const { name, message } = error;
  const { code, $fault, $metadata = {} } = error as { code?: unknown; $fault?: unknown; $metadata?: Metadata };
  const { httpStatusCode: status, requestId, clockSkewCorrected: clockCorrected = false } = $metadata;
  const systemCode = typeof code === 'string' && /^E(?!RR_)[A-Z]+$/.test(code) ? code : undefined;
  const trusted = $fault === 'client' || $fault === 'server' || systemCode !== undefined || CREDENTIALS.has(name);
  const said = trusted ? message : 'the message is left out: it may quote the answer';
  const where = [...(status === undefined ? [] : [`HTTP ${status}`]), ...(requestId === undefined ? [] : [requestId])];
  // Not the error itself: the SDK hangs the answer on it, of which the secret may be a part.
  const cause = new Error(`${name}: ${said}${where.length === 0 ? '' : ` (${where.join(', ')})`}`);
  return { name, message, status, systemCode, clockCorrected, overlong: error instanceof RangeError, cause };
}
