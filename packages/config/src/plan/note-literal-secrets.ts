import type { JsonObject } from '@hostler/kernel';
import type { Path } from '../path.ts';
import type { ProblemList, ProblemOptions } from '../problem.ts';
import type { CheckedConfig, CheckedServer } from '../schema/config-file.ts';
import { headerHoldsSecret, isFromEnvFile, namesSecret } from '../secret-names.ts';
import { holdsToken } from '../token-shapes.ts';
import { optionParts } from './secret-uses.ts';

/** Tells of a secret at a path, without showing it. */
type Note = (path: Path, message: string, options: ProblemOptions) => void;

const IN_CLEAR = 'this looks like a secret, written in clear';

/** Notes for secrets that stand in a configuration in clear, where everyone who has the file has them too. */
export function noteLiteralSecrets(
  { servers, secrets, consumers = {}, auth, audit }: CheckedConfig,
  notes: ProblemList,
  toFilePath: (path: Path) => Path,
): void {
  const note: Note = (path, message, options) => {
    if (!isFromEnvFile(toFilePath(path))) notes.add(path, message, options);
  };
  for (const [name, server] of Object.entries(servers)) {
    const path = ['servers', name];
    noteSettings(path, server, note);
    notePublicTexts(path, server, note);
  }
  for (const [index, provider] of secrets.providers.entries()) {
    noteOptions(['secrets', 'providers', index, 'with'], provider.with as JsonObject, note);
  }
  for (const [name, { tokens }] of Object.entries(consumers)) {
    for (const [index, { claims }] of tokens.entries()) {
      const path = ['consumers', name, 'tokens', index, 'claims'];
      for (const [claim, value] of Object.entries(claims)) if (holdsToken(value)) note([...path, claim], IN_CLEAR, {});
    }
  }
  noteAddresses(auth, note);
  noteAudit(audit, note);
}

function noteAudit(audit: CheckedConfig['audit'], note: Note): void {
  for (const [index, { headers = {}, url }] of (audit?.sinks ?? []).entries()) {
    const path = ['audit', 'sinks', index];
    noteHeaders(path, headers, note);
    if (url === undefined || !(holdsToken(url) || hasSecretInQuery(url))) continue;
    note([...path, 'url'], 'this URL seems to hold a secret, and logs and errors show URLs', {});
  }
}

/** They are fetched, or shown to everybody who asks. */
function noteAddresses({ issuers, resource }: CheckedConfig['auth'], note: Note): void {
  const addresses: [Path, string | undefined][] = [[['auth', 'resource'], resource]];
  for (const [name, { issuer, jwks, url, keys }] of Object.entries(issuers)) {
    for (const [key, address] of Object.entries({ issuer, jwks, url, keys })) {
      addresses.push([['auth', 'issuers', name, key], address]);
    }
  }
  for (const [path, url] of addresses) {
    if (url === undefined || !(holdsToken(url) || hasSecretInQuery(url))) continue;
    note(path, 'this URL seems to hold a secret, and logs and errors show URLs', {});
  }
}

function noteSettings(path: Path, { env = {}, headers = {}, tls }: CheckedServer, note: Note): void {
  if (typeof tls?.key === 'string') {
    const hint = 'write { secret: "file:///…" } or another reference';
    note([...path, 'tls', 'key'], 'this is a secret, written in clear', { hint });
  }
  for (const [name, value] of Object.entries(env)) {
    if (typeof value !== 'string' || !isSecret(value, namesSecret(name))) continue;
    note([...path, 'env', name], IN_CLEAR, { hint: `write { secret: "env://${name}" } or another reference` });
  }
  noteHeaders(path, headers, note);
}

function noteHeaders(path: Path, headers: NonNullable<CheckedServer['headers']>, note: Note): void {
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' || !isSecret(value, headerHoldsSecret(name))) continue;
    const hint = 'write { secret: "env://NAME", format: "Bearer {}" } or another reference';
    note([...path, 'headers', name], IN_CLEAR, { hint });
  }
}

function isSecret(value: string, isNamedSo: boolean): boolean {
  return (isNamedSo && value !== '') || holdsToken(value);
}

/** What more people see than those who have the file. */
function notePublicTexts(path: Path, { args = [], url }: CheckedServer, note: Note): void {
  for (const [index, argument] of args.entries()) {
    if (!holdsToken(argument)) continue;
    note([...path, 'args', index], `${IN_CLEAR}, and every user of the machine sees it`, {
      hint: 'give it to the program in env as { secret: "env://NAME" }',
    });
  }
  if (url === undefined || !(holdsToken(url) || hasSecretInQuery(url))) return;
  note([...path, 'url'], 'this URL seems to hold a secret, and logs and errors show URLs', {
    hint: 'send it in headers as { secret: "env://NAME" } if the server takes it there',
  });
}

function hasSecretInQuery(url: string): boolean {
  if (!URL.canParse(url)) return false;
  return [...new URL(url).searchParams].some(([name, value]) => {
    return value !== '' && (headerHoldsSecret(name) || namesSecret(name.replaceAll('-', '_')));
  });
}

function noteOptions(path: Path, options: JsonObject, note: Note): void {
  for (const { path: place, text } of optionParts(options, path).texts) {
    // A name such as tokenFile says where a secret is, not what it is.
    const isNamedSo = /(?:token|secret|password|passphrase|apikey|accesskey|privatekey)$/i.test(String(place.at(-1)));
    if (!isSecret(text, isNamedSo)) continue;
    note(place, IN_CLEAR, { hint: 'write { secret: "env://NAME" } or one of file:// or local://' });
  }
}
