import type { Path } from '../path.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedConsumer } from '../schema/config-file.ts';
import { checkBundleNames } from './check-bundles.ts';
import { checkView } from './check-view.ts';
import { hintFor, shown } from './missing-name.ts';
import { writtenNames } from './written-names.ts';

/**
 * Every credential is one consumer's, and everything that a consumer names is there. `written` is the whole
 * configuration: a server that is broken is there all the same.
 */
export function checkConsumers({ consumers = {} }: CheckedConfig, written: unknown, problems: ProblemList): void {
  const servers = [...writtenNames(written, 'servers'), ...writtenNames(written, 'groups')];
  const issuers = writtenNames(written, 'auth', 'issuers');
  const bundles = writtenNames(written, 'bundles');
  const owners = new Map<string, string>();
  for (const [name, consumer] of Object.entries(consumers)) {
    const path = ['consumers', name];
    checkCredentials(consumer, { path, owners, problems });
    for (const [index, { issuer }] of consumer.tokens.entries()) {
      if (issuers.includes(issuer)) continue;
      const hint = hintFor(issuer, issuers, 'auth.issuers has the known ones, by name');
      problems.add([...path, 'tokens', index, 'issuer'], `there is no issuer "${shown(issuer)}"`, { hint });
    }
    checkView(consumer, { path, servers, problems });
    checkBundleNames(consumer, { path, bundles, problems });
  }
}

interface CredentialContext {
  readonly path: Path;
  /** Whose each credential is. */
  readonly owners: Map<string, string>;
  readonly problems: ProblemList;
}

function checkCredentials({ keys, tokens }: CheckedConsumer, { path, owners, problems }: CredentialContext): void {
  const own = String(path.at(-1));
  const claim = (credential: string, place: Path, what: string): void => {
    const owner = owners.get(credential);
    if (owner === own) problems.add(place, `${what} stands here twice`);
    else if (owner !== undefined) problems.add(place, `${what} is that of consumer "${owner}" already`);
    else owners.set(credential, own);
  };
  for (const [index, { hash, secret }] of keys.entries()) {
    const place = [...path, 'keys', index];
    const written = hash ?? secret;
    if (written === undefined) {
      const hint = 'hostler keys create makes a key and prints its hash';
      problems.add(place, 'missing key "hash" or "secret"', { hint });
    } else if (hash !== undefined && secret !== undefined) {
      problems.add([...place, 'secret'], 'a key has either hash or secret, not both', { part: 'key' });
    } else claim(written, [...place, hash === undefined ? 'secret' : 'hash'], 'this key');
  }
  for (const [index, { issuer, claims }] of tokens.entries()) {
    const sorted = Object.entries(claims).toSorted(([one], [other]) => (one < other ? -1 : 1));
    claim(JSON.stringify([issuer, sorted]), [...path, 'tokens', index], 'every token that fits');
  }
}
