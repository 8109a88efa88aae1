import * as v from 'valibot';
import { secureUrl } from './secure-url.ts';
import { neededSecret } from './setting.ts';
import { text } from './values.ts';

/** Signatures for which a private key is enough. Source: RFC 7518, section 3.1. */
const KEY_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA'] as const;

/** RFC 6749, section 3.3. */
const scope = v.pipe(v.string('text'), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is no OAuth scope'));

/** How the host gets the tokens that it shows to a server. */
export const oauth = v.pipe(
  v.strictObject(
    {
      grant: v.exactOptional(
        v.pipe(
          v.picklist(['authorization-code', 'client-credentials', 'token-exchange']),
          v.description(
            'Whose the tokens are: each user’s, who agrees in a browser (`authorization-code`), the host’s own (`client-credentials`), or those that the caller’s token is exchanged for (`token-exchange`, RFC 8693).',
          ),
        ),
        'authorization-code',
      ),
      clientId: v.exactOptional(
        v.pipe(
          text(),
          v.description(
            'The host’s name at the authorization server. Without one it introduces itself: by a metadata document where the server takes that, by registration otherwise.',
          ),
        ),
      ),
      clientSecret: v.exactOptional(
        v.pipe(neededSecret('[^\\0]'), v.description('The secret that belongs to `clientId`.')),
      ),
      clientKey: v.exactOptional(
        v.pipe(
          neededSecret('[^\\0]'),
          v.description(
            'In the place of `clientSecret`: a private key (PEM, PKCS #8) with which the host signs for itself (RFC 7523).',
          ),
        ),
      ),
      clientKeyAlgorithm: v.exactOptional(
        v.pipe(v.picklist(KEY_ALGORITHMS), v.description('The signature made with `clientKey`.')),
        'ES256',
      ),
      issuer: v.exactOptional(
        secureUrl(
          'The authorization server. By default the one that the server names; with it no other one is talked to.',
        ),
      ),
      scopes: v.exactOptional(
        v.pipe(
          v.array(scope, 'a list of scopes'),
          v.minLength(1, 'must name at least one scope'),
          v.description('What is asked for. By default what the server asks for.'),
        ),
      ),
      audience: v.exactOptional(
        v.pipe(
          text(),
          v.description('`audience` of a token exchange: what the authorization server calls the server.'),
        ),
      ),
    },
    'a map with the settings of OAuth',
  ),
  v.description('The host gets tokens for the server and shows them to it.'),
);
