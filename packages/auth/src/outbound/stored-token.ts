import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';

/** A token of one user, or of the host itself, for one server. */
export interface StoredToken {
  /** Name and URL: a token is shown to no other. */
  readonly server: string;
  readonly url: string;
  /** As `principalOf` writes it; absent: the host's own. */
  readonly principal?: string;
  /** The authorization server that gave it: its credentials are good nowhere else. */
  readonly issuer: string;
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly scope?: string;
  /** What was asked for, which may be more. */
  readonly requestedScope?: string;
  /** Milliseconds since 1970. */
  readonly obtainedAt: number;
  readonly expiresAt?: number;
  /** Where the server says who gives tokens for it. */
  readonly metadataUrl?: string;
}

/** Undefined for what is none: a store may have been written by another version. */
export function readStoredToken(text: string): StoredToken | undefined {
  const value = parse(text);
  if (!isJsonObject(value)) return undefined;
  const { server, url, issuer, clientId, accessToken, obtainedAt } = value;
  const isWhole =
    [server, url, issuer, clientId, accessToken].every((each) => typeof each === 'string') &&
    typeof obtainedAt === 'number' &&
    TEXTS.every((key) => value[key] === undefined || typeof value[key] === 'string') &&
    (value['expiresAt'] === undefined || typeof value['expiresAt'] === 'number');
  return isWhole ? (value as JsonObject & StoredToken) : undefined;
}

const TEXTS = ['principal', 'refreshToken', 'scope', 'requestedScope', 'metadataUrl'] as const;

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
