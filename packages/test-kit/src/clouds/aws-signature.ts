import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** An access key as AWS knows it. */
export interface AwsKey {
  readonly secret: string;
  /** Of temporary credentials; it has to come with each request. */
  readonly token?: string;
  readonly expired?: boolean;
}

export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** For which region it was signed, or what AWS says of it. */
export type SignatureVerdict =
  | { readonly region: string }
  | { readonly refusal: string; readonly status: number; readonly message: string };

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const MAX_SKEW = 5 * 60_000;

interface Authorization {
  readonly id: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signed: readonly string[];
  readonly signature: string;
}

/** Signature Version 4, computed anew; docs.aws.amazon.com, "Create a signed AWS API request". */
export function verifySignature(
  request: SignedRequest,
  keys: ReadonlyMap<string, AwsKey>,
  now: number,
): SignatureVerdict {
  const authorization = parseAuthorization(request.headers.authorization);
  if (authorization === undefined) {
    return refuse('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  }
  const key = keys.get(authorization.id);
  if (key === undefined || key.token !== request.headers['x-amz-security-token']) {
    return refuse('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  if (key.expired === true) {
    return refuse('ExpiredTokenException', 'The security token included in the request is expired');
  }
  const problem =
    scopeProblem(request, authorization, now) ?? (fits(request, authorization, key) ? undefined : MISMATCH);
  return problem === undefined ? { region: authorization.region } : refuse('InvalidSignatureException', problem);
}

const MISMATCH = 'The request signature we calculated does not match the signature you provided.';

function parseAuthorization(header: string | undefined): Authorization | undefined {
  const found = AUTHORIZATION.exec(header ?? '');
  if (found === null) return undefined;
  const [, id = '', day = '', region = '', service = '', names = '', signature = ''] = found;
  return { id, day, region, service, signed: names.split(';'), signature };
}

function scopeProblem({ headers }: SignedRequest, { day, service, signed }: Authorization, now: number) {
  const required = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  const time = String(headers['x-amz-date']);
  if (service !== 'secretsmanager' || !time.startsWith(day) || required.some((name) => !signed.includes(name))) {
    return 'Credential should be scoped to a valid region and service.';
  }
  const skew = Math.abs(toMilliseconds(time) - now);
  return skew <= MAX_SKEW ? undefined : `Signature expired: ${time} is not within 5 min. of now`;
}

function fits(request: SignedRequest, { day, region, service, signed, signature }: Authorization, key: AwsKey) {
  const scope = [day, region, service, 'aws4_request'];
  const time = String(request.headers['x-amz-date']);
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonicalRequest(request, signed))].join('\n');
  const signer = scope.reduce<string | Buffer>(hmac, `AWS4${key.secret}`);
  return timingSafeEqual(hmac(signer, text), Buffer.from(signature, 'hex'));
}

function canonicalRequest({ method, path, headers, body }: SignedRequest, signed: readonly string[]): string {
  const { pathname, search } = new URL(path, 'http://localhost');
  const lines = signed.map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, ' ')}`);
  return [method, pathname, search.slice(1), ...lines, '', signed.join(';'), sha256(body)].join('\n');
}

function toMilliseconds(time: string): number {
  const [, year, month, day, hour, minute, second] = TIME.exec(time) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function refuse(refusal: string, message: string, status = 400): SignatureVerdict {
  return { refusal, status, message };
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
