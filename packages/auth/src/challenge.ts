import { authErrors } from './auth-errors.ts';

export interface ChallengeParts {
  /** URL of the metadata of the protected resource: RFC 9728, section 5.1. */
  readonly metadataUrl?: string | undefined;
  /** RFC 6750, section 3.1; absent where the request held no credential. */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | undefined;
  /** What to ask the authorization server for, separated by spaces. */
  readonly scope?: string | undefined;
}

/** The value of `WWW-Authenticate`. */
export function challenge({ metadataUrl, error, scope }: ChallengeParts): string {
  const parts = Object.entries({ error, scope, resource_metadata: metadataUrl }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${quotable(value)}"`],
  );
  return parts.length === 0 ? 'Bearer' : `Bearer ${parts.join(', ')}`;
}

/** What to say of an error of this package by its code; nothing where no credential was sent. */
export function challengeError(code: string): ChallengeParts['error'] {
  if (code === authErrors.SCOPE_MISSING.code) return 'insufficient_scope';
  return code === authErrors.INVALID.code || code === authErrors.EXPIRED.code ? 'invalid_token' : undefined;
}

/** What RFC 6750 lets stand between the quotes: visible ASCII and spaces without `"` and `\`. */
function quotable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]|["\\]/g, '');
}
