import { secretErrors } from '@hostler/secrets';

/** The codes of gRPC that need an answer of their own; over REST the library translates to the same. */
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNAUTHENTICATED = 16;

export interface Accessed {
  /** `projects/P/secrets/S` */
  readonly resource: string;
  readonly project: string;
}

/** What errors of the library hold; none of it is certain. */
interface Failure {
  readonly code?: unknown;
  /** Of an answer: its text over gRPC, a list over REST. Absent when nobody answered, or something else did. */
  readonly details?: unknown;
  readonly message?: unknown;
  readonly reason?: unknown;
  readonly httpStatusCode?: unknown;
  /** HTTP status of a token endpoint or the metadata server. */
  readonly status?: unknown;
}

const OBTAIN =
  'attach a service account to it (workload identity), or run gcloud auth application-default login on a workstation.';
const RENEW = 'check the service account of this host, or run gcloud auth application-default login again.';
const CORRECT_FILE =
  'the file that GOOGLE_APPLICATION_CREDENTIALS names cannot be read: correct the path, or remove the variable to use the identity of the platform.';

/** Longest text of the backend that is kept for the log. */
const MAX_CAUSE = 500;

/** For a request that had a token. */
export function accessFailure(error: unknown, accessed: Accessed): Error {
  const failure = toFailure(error);
  const spoken = isAnswer(failure);
  const cause = toCause(failure, spoken);
  switch (spoken ? failure.code : undefined) {
    case INVALID_ARGUMENT:
      return secretErrors.REFERENCE_INVALID({
        details: { problem: 'Secret Manager does not accept this name.' },
        cause,
      });
    case NOT_FOUND:
      return secretErrors.NOT_FOUND({ cause });
    case PERMISSION_DENIED:
      return denied(deniedProblem(failure, accessed), cause);
    case UNAUTHENTICATED:
      return denied(`the credentials are missing or expired: ${RENEW}`, cause);
    case FAILED_PRECONDITION:
      return secretErrors.DISABLED({ details: { problem: stateProblem(textOf(failure)) }, cause });
    default:
      return unavailable(unavailableProblem(failure.code), cause);
  }
}

/** For a failure before any request: no credentials, or none that are good for a token. */
export function credentialsFailure(error: unknown): Error {
  const failure = toFailure(error);
  const text = textOf(failure);
  const none = text.includes('Could not load the default credentials');
  const noFile = text.includes('Unable to read the credential file');
  const refused = [400, 401, 403, 404].some((status) => status === failure.status);
  const cause = toCause(failure, none || noFile || refused);
  if (none) return denied(`this host has no Google Cloud credentials: ${OBTAIN}`, cause);
  if (noFile) return denied(CORRECT_FILE, cause);
  if (refused) return denied(`no access token is given for the credentials of this host: ${RENEW}`, cause);
  return unavailable('no access token could be had for the credentials of this host', cause);
}

export function noProject(error: unknown): Error {
  const problem =
    'write gcp://PROJECT/SECRET, or set the option project: the credentials of this host name no project.';
  return secretErrors.REFERENCE_INVALID({ details: { problem }, cause: toCause(toFailure(error), false) });
}

/** The problem has no full stop: the message goes on with one. */
export function unavailable(problem: string, cause?: Error): Error {
  return secretErrors.UNAVAILABLE({ details: { problem }, ...(cause === undefined ? {} : { cause }) });
}

function denied(problem: string, cause: Error): Error {
  return secretErrors.ACCESS_DENIED({ details: { problem }, cause });
}

function deniedProblem({ reason }: Failure, { resource, project }: Accessed): string {
  if (reason === 'SERVICE_DISABLED') return `enable the API secretmanager.googleapis.com in project ${project}.`;
  return `grant roles/secretmanager.secretAccessor on ${resource} to the identity of this host.`;
}

/** The service tells the states apart in its text only; a disabled KMS key is one of them. */
function stateProblem(text: string): string {
  if (/\bDESTROYED state\b/.test(text)) return 'is destroyed';
  if (/\bDISABLED state\b/.test(text)) return 'is disabled';
  return 'cannot be used in its present state, or the key that encrypts it cannot';
}

function unavailableProblem(code: unknown): string {
  if (code === RESOURCE_EXHAUSTED) return 'the quota of requests is used up';
  if (code === DEADLINE_EXCEEDED) return 'Secret Manager did not answer in time';
  return 'Secret Manager cannot be reached or failed';
}

/**
 * Whether the service said it. Over REST the library also gives codes to what a proxy answers with a page of its own,
 * and the code of a precondition to every other 4xx.
 */
function isAnswer({ code, details, httpStatusCode }: Failure): boolean {
  if (typeof details === 'string') return true;
  return Array.isArray(details) && (code !== FAILED_PRECONDITION || httpStatusCode === 400);
}

function toFailure(error: unknown): Failure {
  return typeof error === 'object' && error !== null ? error : {};
}

function textOf({ details, message }: Failure): string {
  if (typeof details === 'string') return details;
  return typeof message === 'string' ? message : '';
}

/**
 * Errors of the library hold requests with their tokens, and may quote what could not be parsed: an answer with its
 * value, a file with its key. Kept is the code, and the text where it is known to be about something else.
 */
function toCause(failure: Failure, spoken: boolean): Error {
  const { code } = failure;
  const shown = typeof code === 'number' || typeof code === 'string' ? code : 'none';
  return new Error(
    `Google's library failed with code ${shown}${spoken ? `: ${textOf(failure).slice(0, MAX_CAUSE)}` : ''}`,
  );
}
