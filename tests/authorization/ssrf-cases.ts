import type { Case, Shown } from './cases.ts';

const guard = (title: string): Shown => ({ file: 'packages/upstream/src/network/guarded-fetch.test.ts', title });
const learned = (title: string): Shown => ({ file: 'packages/runtime/test/oauth-reach.test.ts', title });
const keys = (title: string): Shown => ({ file: 'packages/runtime/test/keys-reach.test.ts', title });
const http = (title: string): Shown => ({ file: 'packages/upstream/test/http/call-failures.test.ts', title });

/** Ways to make the host ask an address for somebody else. */
export const SSRF_CASES: Readonly<Record<number, Case>> = {
  1: {
    says: 'An inner host is one in whatever way it is written.',
    shown: [
      guard('refuses https://%s/'),
      guard('knows sixty ways to write such a host'),
      guard('never reaches %s, whatever is allowed'),
      keys('keys that an issuer says are %s are not read'),
    ],
  },
  2: {
    says: 'No redirect is followed, wherever it leads.',
    shown: [
      guard('does not follow a %i'),
      learned('no redirect is followed: %i'),
      http('a redirect is not followed'),
      { file: 'packages/upstream/test/sse/sse-connection.test.ts', title: 'is not looked for after %i' },
    ],
  },
  3: {
    says: 'The address that was looked at is the one that is connected to.',
    shown: [
      guard('refuses a name with one address inside'),
      guard('looks a name up once for each connection, and connects to what it has looked at'),
    ],
  },
  4: {
    says: 'What a server says of itself leads nowhere inside.',
    shown: [
      learned('is not read at %s'),
      learned('names no issuer at %s'),
      learned('is not read at another host of this network, nor names an issuer there'),
    ],
  },
  5: {
    says: 'What an issuer says of itself leads nowhere inside, and what nobody needs is not asked.',
    shown: [
      learned('nobody registers at %s'),
      learned('no browser is sent to, and no code to, %s'),
      learned('no code is sent to %s'),
      learned('what nobody needs is not fetched'),
      keys('keys that an issuer says are %s are not read'),
    ],
  },
  6: { says: 'Only https, and http on this machine.', shown: [guard('refuses %s'), learned('is not read at %s')] },
  7: {
    says: 'Proxies of the environment are not asked for addresses that others name.',
    shown: [guard('goes through no proxy of the environment')],
  },
  8: {
    says: 'An error tells nothing of what is inside.',
    shown: [
      guard('says the same of an address inside, whether something listens there or not'),
      learned('says the same of an inner address, whether something is there or not'),
    ],
  },
  9: {
    says: 'A credential goes to the origin that it was given for.',
    shown: [
      learned('a token is that of one URL'),
      {
        file: 'tests/oidc/upstream-login.test.ts',
        title: 'is forgotten with the server, and not shown to another URL',
      },
      { file: 'packages/upstream/test/sse/sse-connection.test.ts', title: '%s is of another origin, and gets nothing' },
      { file: 'apps/api/test/lock.test.ts', title: 'takes another command for another server' },
    ],
  },
  10: {
    says: 'Nothing that was sent arrives where a redirect leads.',
    shown: [guard('does not follow a %i'), learned('no redirect is followed: %i'), http('a redirect is not followed')],
  },
};
