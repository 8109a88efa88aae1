/** A test that shows something, by its file and the text of its title as it stands there. */
export interface Shown {
  readonly file: string;
  readonly title: string;
}

export interface Case {
  readonly says: string;
  readonly shown: readonly Shown[];
}

const here = (file: string, title: string): Shown => ({ file: `tests/authorization/${file}.test.ts`, title });
const api = (file: string, title: string): Shown => ({ file: `apps/api/test/${file}.test.ts`, title });
const unit = (file: string, title: string): Shown => ({ file: `apps/api/src/${file}.test.ts`, title });
const auth = (file: string, title: string): Shown => ({ file: `packages/auth/test/${file}.test.ts`, title });
const provider = (title: string): Shown => ({ file: 'tests/oidc/mischief.test.ts', title });
const counter = (title: string): Shown => ({ file: 'packages/host/src/limits/insured-counter.test.ts', title });
const refused = (number: number, words: string): Shown =>
  here('refused', `A-${number} ${words} gets nothing, and reaches nothing`);

const MATRIX: readonly Shown[] = [
  here('matrix', 'A-18 A-21 the consumer %s'),
  here('matrix-cli', 'A-18 A-21 on the command line, the consumer %s'),
];

/** What must not let anybody in, or let anybody see what is not theirs; and the tests that show it of this host. */
export const CASES: Readonly<Record<number, Case>> = {
  1: {
    says: 'Without a credential, with two, or with one in the query, nobody gets in.',
    shown: [
      refused(1, 'no credential, or more than one'),
      here('refused', 'whoever proves nothing is answered while the body is still to come'),
      api('consumers', 'is refused at every path, with the word where to get a token'),
      api('consumers', 'is refused an upgrade, and credentials that stand twice'),
    ],
  },
  2: {
    says: 'An expired key or token opens nothing.',
    shown: [refused(2, 'an expired one'), auth('keys', 'is good up to the moment it expires')],
  },
  3: {
    says: 'A token whose time has not come opens nothing.',
    shown: [refused(3, 'a token for later'), auth('tokens', 'is refused: %s')],
  },
  4: {
    says: 'A token without a signature is none, however `none` is written.',
    shown: [
      refused(4, 'a token without a signature'),
      auth('tokens', 'without a signature (%j) is refused'),
      provider('unsigned is refused: %s'),
    ],
  },
  5: {
    says: 'A public key is never taken for a shared secret.',
    shown: [
      refused(5, 'a public key as a shared one'),
      auth('tokens', 'with the public key (%s) as a shared one is refused'),
      provider('what is signed by the public key as if it were shared is refused'),
    ],
  },
  6: {
    says: 'A key id is compared and nothing else: no path, no query, no URL.',
    shown: [
      refused(6, 'a key id that is a path or a query'),
      auth('tokens', 'with a key id that is no text is refused'),
    ],
  },
  7: {
    says: 'A key of one issuer signs nothing for another.',
    shown: [
      refused(7, 'the key of another issuer'),
      auth('tokens', 'by another issuer, with its key or its key id, is refused'),
    ],
  },
  8: {
    says: 'A token neither brings its key nor says where it is; nothing is fetched from there.',
    shown: [
      refused(8, 'a token that brings its key or says where it is'),
      here('refused', 'A-8 nobody comes to a place that a token names'),
      provider('a key that the token itself brings, or says where to find, is neither used nor fetched'),
    ],
  },
  9: {
    says: 'The audience has to be this host, exactly.',
    shown: [refused(9, 'a token for somebody else'), auth('tokens', 'is refused: %s')],
  },
  10: {
    says: 'The issuer has to be the one of the configuration, exactly.',
    shown: [refused(10, 'a token by somebody else'), auth('tokens', 'is refused with a slash more in its issuer')],
  },
  11: {
    says: 'ID tokens, refresh tokens and logout tokens are no access tokens.',
    shown: [refused(11, 'a token for something else'), auth('tokens', 'is refused: %s')],
  },
  12: {
    says: 'Critical extensions, encrypted tokens, other parts and huge ones are refused.',
    shown: [
      refused(12, 'a token of another form'),
      here('refused', 'A-12 a token of 64 KiB is more than the head of a request may have'),
      auth('tokens', 'with a critical extension is refused'),
      auth('tokens', 'that is encrypted is refused'),
      auth('tokens', 'of 64 KiB is refused before anything is done with it'),
    ],
  },
  13: {
    says: 'A key that was cut, extended or written in another case is no key.',
    shown: [
      refused(13, 'a key that was altered'),
      auth('keys', 'is not known with one character in the other case, at any place'),
    ],
  },
  14: {
    says: 'What is taken back ends all that was opened with it, within 5 s, on every way in.',
    shown: [
      refused(14, 'a key that was revoked'),
      here('revoked', 'A-14 %s that is taken back ends every session and stream, and opens nothing'),
      api('consumers', 'is worth nothing within a second over %s'),
    ],
  },
  15: {
    says: 'How long a refusal takes tells nothing of which keys there are.',
    shown: [
      here('timing', 'A-15 a key with a known id takes as long to refuse as one with an unknown id'),
      auth('keys', 'does not grow with the number of keys'),
    ],
  },
  16: {
    says: 'Payloads against databases, shells and loggers are credentials like any other wrong one.',
    shown: [
      here('refused', 'A-16 500 payloads in the place of a credential are refused like any other'),
      auth('keys', 'is refused like any other, in 500 forms and every place'),
    ],
  },
  17: {
    says: 'A name in a path, a header, a query or a message makes nobody anybody.',
    shown: [refused(17, 'a name in the place of a credential'), here('identity', 'A-17 whoever names somebody else')],
  },
  18: {
    says: 'Every method does for what a consumer has, what others have, what is hidden and what is not there as its rules say.',
    shown: [
      refused(18, 'a token of no consumer'),
      ...MATRIX,
      { file: 'packages/host/src/views-matrix.test.ts', title: 'the view %s' },
    ],
  },
  19: {
    says: 'A place, server or bundle that is not there looks like one that is hidden, and to strangers like one that is.',
    shown: [
      here('matrix', 'A-19 finds no place that is not there for it, in the same words for all of them'),
      here('matrix-cli', 'A-19 a bundle that a consumer may not use is none on the command line'),
      here('identity', 'A-19 finds no place of anybody by a name in the path'),
      api('bundles', 'a bundle of others looks like none, whatever is asked of it'),
    ],
  },
  20: {
    says: 'Addresses and certificates in headers are believed of a trusted proxy alone.',
    shown: [
      refused(20, 'an address or certificate in a header'),
      here(
        'identity',
        'A-20 A-24 makes nobody somebody else: who has guessed is refused from wherever they say they come',
      ),
      unit('client-address', 'believes nobody else'),
      unit('client-address', 'trusts nobody unless told to'),
      api('client-certificates', 'is believed of a trusted proxy'),
    ],
  },
  21: {
    says: 'All of this holds in every revision, on every transport, over REST and on the command line.',
    shown: MATRIX,
  },
  22: {
    says: 'What a client shows for itself goes to no server.',
    shown: [
      here('identity', 'A-22 what a client shows for itself'),
      api('oauth-attacks', 'A-22: neither token, code, state nor verifier of anybody stands where it does not belong'),
      api('consumers-apart', 'what a client shows for itself goes to no server and into no log'),
      api('personal-credentials', 'two people of one consumer never meet each other’s credentials, tools and answers'),
    ],
  },
  23: {
    says: 'What the host shows to a server for one person is never shown for another.',
    shown: [
      api('personal-credentials', 'two people of one consumer never meet each other’s credentials, tools and answers'),
      api('consent', 'nobody goes on with what another one of the same consumer was asked'),
      api(
        'oauth-attacks',
        'A-23: only the browser that began a consent ends it, once, and its token is for its user alone',
      ),
      {
        file: 'packages/config/src/personal.test.ts',
        title: 'A-23: says where callers of two issuers would share one',
      },
      {
        file: 'packages/secrets/src/secret-template.test.ts',
        title: 'A-23: makes of %s no reference that claims of somebody else make as well',
      },
    ],
  },
  24: {
    says: 'The limit of an address is not escaped by writing other addresses into headers.',
    shown: [
      here(
        'identity',
        'A-20 A-24 makes nobody somebody else: who has guessed is refused from wherever they say they come',
      ),
      here('identity', 'A-24 A-25 is believed of a trusted proxy alone, as the last hop says it and by its network'),
      unit('address-limit', 'A-24: what a client writes into X-Forwarded-For makes it nobody else'),
    ],
  },
  25: {
    says: 'All addresses of an IPv6 network count as one.',
    shown: [
      here('identity', 'A-24 A-25 is believed of a trusted proxy alone, as the last hop says it and by its network'),
      unit('address-limit', 'A-25: all addresses of a /56 are one, and so is an IPv4 address in other clothes'),
    ],
  },
  26: {
    says: 'While the store of the limits is away each host counts for itself, or refuses, as it is configured.',
    shown: [
      api('shared-limits', 'A-26: count for themselves while the store is away, and together again when it is back'),
      api('shared-limits', 'A-26: refuse while the store is away where it is so written, and nobody who has no limit'),
      counter('A-26: with `local` this host counts for itself, with the same rates, and says so once'),
      counter('A-26: with `refuse` nothing that has a limit is let through'),
    ],
  },
};
