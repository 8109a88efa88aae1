import * as v from 'valibot';
import { text } from './values.ts';

/** Whoever checks a signature of these has a public key alone: with a shared one it could sign as well (RFC 8725, 3.1). */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const SECURE_WORDS = 'must be an https:// URL without user, password or fragment in it (http:// on this machine alone)';

function parse(url: string): URL | undefined {
  return /^https?:\/\/\S+$/.test(url) && URL.canParse(url) ? new URL(url) : undefined;
}

function isPlain(url: string): boolean {
  const parsed = parse(url);
  return parsed !== undefined && parsed.username === '' && parsed.password === '' && !url.includes('#');
}

function isSecure(url: string): boolean {
  const parsed = parse(url);
  return parsed !== undefined && (parsed.protocol === 'https:' || LOOPBACK.test(parsed.hostname));
}

function secureUrl(meaning: string) {
  return v.pipe(
    v.string('text'),
    v.check((url) => isPlain(url) && isSecure(url), SECURE_WORDS),
    v.description(meaning),
  );
}

const issuer = v.strictObject(
  {
    issuer: secureUrl('Its URL, exactly as tokens have it in `iss`, a `/` at the end included.'),
    audience: v.exactOptional(
      v.pipe(
        v.array(text(), 'a list of texts'),
        v.minLength(1, 'must name at least one audience'),
        v.description(
          'What a token has to have in `aud`: one of these. By default `auth.resource`, which says that it was issued for this host.',
        ),
      ),
    ),
    algorithms: v.exactOptional(
      v.pipe(
        v.array(v.picklist(ALGORITHMS), 'a list of algorithms'),
        v.minLength(1, 'must name at least one algorithm'),
        v.description('Signatures that are looked at; never one with a shared key, and never `none`.'),
      ),
      ['RS256', 'PS256', 'ES256', 'EdDSA'],
    ),
    jwks: v.exactOptional(secureUrl('URL of its public keys. By default what its own metadata says.')),
  },
  'a map with issuer, audience, algorithms and jwks',
);

/** Who proves to the host who a client is. */
export const auth = v.strictObject(
  {
    issuers: v.exactOptional(
      v.pipe(
        v.record(text(), issuer, 'a map of issuers'),
        v.description('Whose tokens are looked at, by a name of your own that `tokens` of consumers use.'),
      ),
      {},
    ),
    resource: v.exactOptional(
      v.pipe(
        v.string('text'),
        v.check(isPlain, 'must be a whole http:// or https:// URL, without user, password or fragment in it'),
        v.description(
          'The URL under which clients reach this host, such as `https://mcp.example.com/mcp`. They ask for tokens for it, and learn from it where to ask.',
        ),
      ),
    ),
  },
  'a map with issuers and resource',
);
