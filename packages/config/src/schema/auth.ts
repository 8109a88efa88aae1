import * as v from 'valibot';
import { issuer } from './issuer.ts';
import { isPlain } from './secure-url.ts';
import { certificateHeader } from './certificate.ts';
import { text } from './values.ts';

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
    certificateHeader: v.exactOptional(certificateHeader),
  },
  'a map with issuers and resource',
);
