import { isJsonObject } from '@hostler/kernel';
import type { IssuerSpec } from './issuer-spec.ts';

/** More than any set of keys and any metadata take. */
const MAX_DOCUMENT_BYTES = 256 * 1024;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export interface Fetching {
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/** What is wrong with an address that keys are read from: whoever can change them on the way can sign as anybody. */
export function problemOfAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return 'is no URL';
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return 'holds a user name or a password';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))) return undefined;
  return 'has to begin with https://';
}

/** Where the keys of the issuer are, by its metadata. @throws Error when they cannot be had, or are those of another */
export async function findKeysAddress({ issuer }: Pick<IssuerSpec, 'issuer'>, fetching: Fetching): Promise<string> {
  const problems: string[] = [];
  for (const address of metadataAddresses(issuer)) {
    try {
      return keysAddress(await fetchDocument(address, fetching), issuer);
    } catch (error) {
      fetching.signal.throwIfAborted();
      problems.push(`${address}: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }
  throw new Error(problems.join('; '));
}

/** Another answer than the text that was asked for. */
export class StatusError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`answered ${status}`);
    this.status = status;
  }
}

/** @throws Error: its message names the problem, and holds no text of the other side */
export async function fetchDocument(address: string, fetching: Fetching, request?: RequestInit): Promise<unknown> {
  return parse(await fetchText(address, fetching, { headers: { accept: 'application/json' }, ...request }));
}

/** @throws StatusError, or Error as `fetchDocument` does */
export async function fetchText(address: string, fetching: Fetching, request: RequestInit = {}): Promise<string> {
  const { signal } = fetching;
  const response = await fetching.fetch(address, {
    ...request,
    // An address that was checked must not lead to one that was not.
    redirect: 'error',
    credentials: 'omit',
    signal,
  });
  try {
    if (response.status !== 200) throw new StatusError(response.status);
    return await boundedText(response);
  } finally {
    await response.body?.cancel().catch(ignore);
  }
}

/** OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3.1. */
function metadataAddresses(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

function keysAddress(metadata: unknown, issuer: string): string {
  if (!isJsonObject(metadata)) throw new Error('is no metadata');
  if (metadata.issuer !== issuer) throw new Error('is the metadata of another issuer');
  const address = metadata.jwks_uri;
  if (typeof address !== 'string') throw new Error('names no jwks_uri');
  const problem = problemOfAddress(address);
  if (problem !== undefined) throw new Error(`its jwks_uri ${problem}`);
  return address;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_DOCUMENT_BYTES) throw new Error(`is larger than ${MAX_DOCUMENT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's error quotes the text.
    throw new Error('is no JSON');
  }
}

function ignore(): void {}
