import { toTime } from '../expiry.ts';
import type { Path } from '../path.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedConsumer } from '../schema/config-file.ts';
import { noteCertificates } from './note-certificates.ts';
import { noteView, serversFitting } from './note-view.ts';

/** What a person should look at, although it is well formed. `now` in milliseconds since 1970. */
export function noteConsumers(config: CheckedConfig, now: number, notes: ProblemList): void {
  const fitting = serversFitting(config);
  for (const [name, bundle] of Object.entries(config.bundles)) {
    noteView(bundle, { path: ['bundles', name], config, notes, fitting });
  }
  const { consumers, auth, roles } = config;
  if (consumers === undefined) return;
  const hint = 'name a consumer; without the key consumers the host is open to this machine';
  if (Object.keys(consumers).length === 0) notes.add(['consumers'], 'nobody gets in', { hint, part: 'key' });
  const isNamedByClaims = Object.values(auth.issuers).some((issuer) => issuer.consumer !== undefined);
  for (const [name, consumer] of Object.entries(consumers)) {
    const path = ['consumers', name];
    noteCredentials(consumer, { path, now, notes, isNamedByClaims });
    noteView(consumer, { path, config, notes, fitting });
  }
  noteCertificates(config, notes);
  const had = new Set(Object.values(consumers).flatMap((consumer) => consumer.roles));
  for (const name of Object.keys(roles)) {
    if (!had.has(name)) notes.add(['roles', name], 'no consumer has this role', { part: 'key' });
  }
  const used = new Set(Object.values(consumers).flatMap(({ tokens }) => tokens.map(({ issuer }) => issuer)));
  for (const [name, issuer] of Object.entries(auth.issuers)) {
    if (used.has(name) || issuer.consumer !== undefined) continue;
    notes.add(['auth', 'issuers', name], 'no consumer has tokens of this issuer', { part: 'key' });
  }
  const isAsked = Object.entries(auth.issuers).some(
    ([name, { type, consumer }]) =>
      (type === 'jwt' || type === 'introspection') && (used.has(name) || consumer !== undefined),
  );
  if (!isAsked || auth.resource !== undefined) return;
  notes.add(['auth'], 'clients are not told where to get a token', {
    hint: 'add resource: the URL under which they reach this host',
    part: 'key',
  });
}

interface CredentialContext {
  readonly path: Path;
  readonly now: number;
  readonly notes: ProblemList;
  /** An issuer says by name who somebody is. */
  readonly isNamedByClaims: boolean;
}

function noteCredentials({ keys, tokens, certificates }: CheckedConsumer, context: CredentialContext): void {
  const { path, now, notes, isNamedByClaims } = context;
  if (!isNamedByClaims && keys.length === 0 && tokens.length === 0 && certificates.length === 0) {
    const hint = 'add keys, such as hostler keys create makes, or tokens';
    notes.add(path, 'nobody can be this consumer: it has neither keys nor tokens', { hint, part: 'key' });
  }
  for (const [index, { expires }] of keys.entries()) {
    if (expires === undefined || toTime(expires) > now) continue;
    notes.add([...path, 'keys', index, 'expires'], 'this key has expired', { hint: 'take it out, or make a new one' });
  }
  for (const [index, { issuer, claims }] of tokens.entries()) {
    if (!Object.values(claims).every((pattern) => /^\*+$/.test(pattern))) continue;
    const message = `everybody who has a token of "${issuer}" with these claims is this consumer`;
    notes.add([...path, 'tokens', index, 'claims'], message, { part: 'key' });
  }
}
