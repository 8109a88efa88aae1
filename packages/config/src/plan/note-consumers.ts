import { toTime } from '../expiry.ts';
import type { Path } from '../path.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedConsumer } from '../schema/config-file.ts';
import { noteView } from './note-view.ts';

/** What a person should look at, although it is well formed. `now` in milliseconds since 1970. */
export function noteConsumers(config: CheckedConfig, now: number, notes: ProblemList): void {
  const { consumers, auth, roles } = config;
  if (consumers === undefined) return;
  const hint = 'name a consumer; without the key consumers the host is open to this machine';
  if (Object.keys(consumers).length === 0) notes.add(['consumers'], 'nobody gets in', { hint, part: 'key' });
  for (const [name, consumer] of Object.entries(consumers)) {
    const path = ['consumers', name];
    noteCredentials(consumer, { path, now, notes });
    noteView(consumer, { path, config, notes });
  }
  const had = new Set(Object.values(consumers).flatMap((consumer) => consumer.roles));
  for (const name of Object.keys(roles)) {
    if (!had.has(name)) notes.add(['roles', name], 'no consumer has this role', { part: 'key' });
  }
  const used = new Set(Object.values(consumers).flatMap(({ tokens }) => tokens.map(({ issuer }) => issuer)));
  for (const name of Object.keys(auth.issuers)) {
    if (used.has(name)) continue;
    notes.add(['auth', 'issuers', name], 'no consumer has tokens of this issuer', { part: 'key' });
  }
  if (used.size === 0 || auth.resource !== undefined) return;
  notes.add(['auth'], 'clients are not told where to get a token', {
    hint: 'add resource: the URL under which they reach this host',
    part: 'key',
  });
}

interface CredentialContext {
  readonly path: Path;
  readonly now: number;
  readonly notes: ProblemList;
}

function noteCredentials({ keys, tokens }: CheckedConsumer, { path, now, notes }: CredentialContext): void {
  if (keys.length === 0 && tokens.length === 0) {
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
