import * as v from 'valibot';
import { EXPIRY_PATTERN, toTime } from '../expiry.ts';
import { certificate } from './certificate.ts';
import { scopes } from './issuer.ts';
import { consumerDrift } from './lock.ts';
import { bundleName } from './bundle.ts';
import { consumerLimits } from './limits.ts';
import { roleName } from './role.ts';
import { reference } from './setting.ts';
import { text } from './values.ts';
import { viewEntries } from './view.ts';

/** The host itself, and everybody where there are no consumers. */
const RESERVED: ReadonlySet<string> = new Set(['hostler', 'anonymous']);

export const consumerName = v.pipe(
  v.string(),
  v.regex(
    /^(?=.{1,32}$)[A-Za-z0-9](?:(?:-|_(?!_))*[A-Za-z0-9])*$/,
    'a consumer name has 1 to 32 letters, digits, - or single _, and begins and ends with a letter or digit',
  ),
  v.check((name) => !RESERVED.has(name.toLowerCase()), 'the names hostler and anonymous are reserved'),
);

const EXPIRY_WORDS = 'must be a date such as 2027-01-31 or 2027-01-31T18:00:00Z';

/** One flat map, as a server is: that it has either a hash or a secret is checked afterwards. */
const key = v.strictObject(
  {
    hash: v.exactOptional(
      v.pipe(
        v.string('text'),
        v.regex(
          /^sha256:[0-9a-f]{64}$/,
          'must be sha256: and 64 hexadecimal digits, as hostler keys create prints it beside a key',
        ),
        v.description('Hash of the key, as `hostler keys create` prints it: the key itself is in no file of the host.'),
      ),
    ),
    secret: v.exactOptional(
      v.pipe(
        reference(),
        v.description('Instead of a hash: the reference of a secret that is the key, such as `env://CI_BOT_KEY`.'),
      ),
    ),
    expires: v.exactOptional(
      v.pipe(
        v.string('a date such as 2027-01-31'),
        v.regex(EXPIRY_PATTERN, EXPIRY_WORDS),
        v.check((written) => !Number.isNaN(toTime(written)), EXPIRY_WORDS),
        v.description(
          'When it stops being good: a day, from its first moment in UTC on, or a moment with its zone, such as `2027-01-31T18:00:00+01:00`. Absent: never.',
        ),
      ),
    ),
  },
  'a map: { hash: "sha256:…" } or { secret: "env://NAME" }',
);

const token = v.strictObject(
  {
    issuer: v.pipe(text(), v.description('Who issued it: a name below `auth.issuers`.')),
    claims: v.pipe(
      v.record(text(), text(), 'a map of claims'),
      v.check((claims) => Object.keys(claims).length > 0, 'must name at least one claim'),
      v.description(
        'What it has to say, every one of them: by claim, such as `sub` or `realm_access.roles`, a text or a pattern with `*` and `?`; of a list one member has to fit.',
      ),
    ),
    scopes: v.exactOptional(
      scopes('What it has to allow besides. Who has a token that fits, without one of them, is told to ask for them.'),
    ),
  },
  'a map with issuer, claims and scopes',
);

export const consumer = v.strictObject(
  {
    keys: v.exactOptional(
      v.pipe(
        v.array(key, 'a list of keys'),
        v.description('Its API keys; several, so that a new one can take the place of an old one without a gap.'),
      ),
      [],
    ),
    tokens: v.exactOptional(
      v.pipe(
        v.array(token, 'a list of tokens'),
        v.description('Tokens that are its own: who has one that fits is this consumer.'),
      ),
      [],
    ),
    certificates: v.exactOptional(
      v.pipe(
        v.array(certificate, 'a list of certificates'),
        v.description('Client certificates that are its own: who shows one that fits is this consumer.'),
      ),
      [],
    ),
    roles: v.exactOptional(
      v.pipe(
        v.array(roleName, 'a list of role names'),
        v.description(
          'What it may do besides using what it sees: `viewer`, `operator`, `admin` or names below `roles`. None: nothing.',
        ),
      ),
      [],
    ),
    limits: v.exactOptional(
      v.pipe(
        consumerLimits,
        v.description(
          'How much it may ask for, over all its clients together, lists too. Absent: no limits of its own.',
        ),
      ),
    ),
    ...viewEntries,
    bundles: v.exactOptional(
      v.pipe(
        v.array(bundleName, 'a list of bundle names'),
        v.description('Bundles it may use, each within what it sees. Absent: all of them; an empty list: none.'),
      ),
    ),
    drift: v.exactOptional(consumerDrift),
  },
  'a map with keys, tokens, servers, allow and deny',
);
