import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { findVersion } from './aws-secret-store.ts';
import type { AwsSecret } from './aws-secret-store.ts';

/** What goes wrong with the reads of one secret. */
export type AwsFault =
  | { readonly kind: 'throttled' | 'internal-error' | 'access-denied' | 'key-denied' | 'decryption-failure' }
  /** Never answered. */
  | { readonly kind: 'hanging' }
  /** Answered when the promise settles. */
  | { readonly kind: 'slow'; readonly until: Promise<unknown> }
  /** A piece of the right answer, so that the value is in it. */
  | { readonly kind: 'garbage' }
  /** The bare value as plain text, and status 200. */
  | { readonly kind: 'wrong-content-type' }
  /** RST after half of the answer. */
  | { readonly kind: 'reset' }
  /** A value of so many bytes, however long. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** Any error in the words of AWS. */
  | { readonly kind: 'error'; readonly name: string; readonly message?: string; readonly status?: number }
  /** The secret of another name is given away instead. */
  | { readonly kind: 'mistaken'; readonly name: string };

export interface AwsAnswer {
  readonly status: number;
  readonly body: string;
  readonly contentType?: string;
  /** Short of what is announced: the connection is reset there. */
  readonly cut?: number;
}

export const AWS_JSON = 'application/x-amz-json-1.1';

export function awsError(name: string, message: string, status = 400): AwsAnswer {
  return { status, body: JSON.stringify({ __type: name, Message: message }) };
}

export interface ValueRequest {
  readonly SecretId: string;
  readonly VersionId?: string;
  readonly VersionStage?: string;
}

/** GetSecretValue without faults. */
export function answerValue(secret: AwsSecret | undefined, request: ValueRequest): AwsAnswer {
  if (secret === undefined) {
    return awsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  if (secret.deleted) {
    const message = "You can't perform this operation on the secret because it was marked for deletion.";
    return awsError('InvalidRequestException', message);
  }
  const version = findVersion(secret, { id: request.VersionId, stage: request.VersionStage });
  if (version === undefined) {
    return awsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret value.");
  }
  const { value } = version;
  const body = {
    ARN: secret.arn,
    CreatedDate: version.createdAt,
    Name: secret.name,
    ...(typeof value === 'string' ? { SecretString: value } : { SecretBinary: Buffer.from(value).toString('base64') }),
    VersionId: version.id,
    VersionStages: [...version.stages],
  };
  return { status: 200, body: JSON.stringify(body) };
}

/** The right answer, spoilt; for faults that are about what is said and not about when. */
export function spoil(fault: AwsFault, right: AwsAnswer): AwsAnswer {
  switch (fault.kind) {
    case 'throttled':
      return awsError('ThrottlingException', 'Rate exceeded');
    case 'internal-error':
      return awsError('InternalServiceError', 'An error occurred on the server side.', 500);
    case 'access-denied':
      return awsError(
        'AccessDeniedException',
        'User: arn:aws:iam::123456789012:user/tester is not authorized to perform: secretsmanager:GetSecretValue',
      );
    case 'key-denied':
      return awsError('AccessDeniedException', 'Access to KMS is not allowed');
    case 'decryption-failure':
      return awsError('DecryptionFailure', "Secrets Manager can't decrypt the protected secret text.");
    case 'error':
      return awsError(fault.name, fault.message ?? 'As the test says.', fault.status);
    case 'garbage':
      return { ...right, body: right.body.slice(0, -20) };
    case 'wrong-content-type':
      return { ...right, body: String(JSON.parse(right.body).SecretString), contentType: 'text/plain' };
    case 'reset':
      return { ...right, cut: Math.floor(right.body.length / 2) };
    case 'huge':
      return { ...right, body: JSON.stringify({ ...JSON.parse(right.body), SecretString: 'x'.repeat(fault.bytes) }) };
    case 'hanging':
    case 'slow':
    case 'mistaken':
      return right;
  }
}

/** Resolves when the answer is out or the client has left; tells which. */
export async function send(response: ServerResponse, answer: AwsAnswer, requestId: string): Promise<'sent' | 'left'> {
  const { status, body, contentType = AWS_JSON, cut } = answer;
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'content-type': contentType, 'content-length': length, 'x-amzn-requestid': requestId });
  if (cut !== undefined) {
    response.write(body.slice(0, cut), () => response.socket?.resetAndDestroy());
  } else {
    response.end(body);
  }
  try {
    await finished(response);
    return 'sent';
  } catch {
    return cut === undefined ? 'left' : 'sent';
  }
}
