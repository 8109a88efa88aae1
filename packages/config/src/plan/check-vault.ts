import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import type { Path } from '../path.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedServer } from '../schema/config-file.ts';
import { schemeOf } from '../secret-reference.ts';
import { optionParts } from './secret-uses.ts';

/** `local://` is read from a file that the configuration names. `written` is the whole of it: broken parts count too. */
export function checkVault(config: CheckedConfig, written: unknown, problems: ProblemList): void {
  const secrets = isJsonObject(written) ? written['secrets'] : undefined;
  if (isJsonObject(secrets) && secrets['local'] !== undefined) return;
  for (const { path, secret } of referencesOf(config)) {
    if (schemeOf(secret) !== 'local') continue;
    const hint = 'add local: {} below secrets for hostler.vault beside this file';
    problems.add(path, 'local:// needs secrets.local: the encrypted file it is read from', { hint });
  }
}

const REDIS_PASSWORD: Path = ['limits', 'store', 'redis', 'password', 'secret'];

interface Reference {
  readonly path: Path;
  readonly secret: string;
}

function referencesOf({
  servers,
  secrets,
  consumers = {},
  auth,
  listen,
  limits,
  audit,
}: CheckedConfig): readonly Reference[] {
  const used = Object.entries(servers).flatMap(([name, server]) => serverReferences(['servers', name], server));
  const options = secrets.providers.flatMap((provider, index) => {
    const { uses } = optionParts(provider.with as JsonObject, ['secrets', 'providers', index, 'with']);
    return uses.map(({ path, use }) => ({ path: [...path, 'secret'], secret: use.secret }));
  });
  const keys = Object.entries(consumers).flatMap(([name, consumer]) =>
    consumer.keys.flatMap(({ secret }, index) =>
      secret === undefined ? [] : [{ path: ['consumers', name, 'keys', index, 'secret'], secret }],
    ),
  );
  const issuers = Object.entries(auth.issuers).flatMap(([name, { clientSecret }]) =>
    clientSecret === undefined
      ? []
      : [{ path: ['auth', 'issuers', name, 'clientSecret', 'secret'], secret: clientSecret.secret }],
  );
  const tlsKey = listen.tls?.key;
  const own = typeof tlsKey === 'object' ? [{ path: ['listen', 'tls', 'key', 'secret'], secret: tlsKey.secret }] : [];
  const password = limits.store?.redis.password;
  const store = password === undefined ? [] : [{ path: REDIS_PASSWORD, secret: password.secret }];
  return [...used, ...options, ...keys, ...issuers, ...own, ...store, ...auditReferences(audit)];
}

function serverReferences(
  path: Path,
  { env = {}, headers = {}, tls = {}, oauth }: CheckedServer,
): readonly Reference[] {
  const client = { clientSecret: oauth?.clientSecret, clientKey: oauth?.clientKey };
  return Object.entries({ env, headers, tls, oauth: client }).flatMap(([part, settings]) =>
    Object.entries(settings).flatMap(([name, value]) =>
      value === undefined || typeof value === 'string'
        ? []
        : [{ path: [...path, part, name, 'secret'], secret: value.secret }],
    ),
  );
}

function auditReferences(audit: CheckedConfig['audit']): readonly Reference[] {
  const headers = (audit?.sinks ?? []).flatMap(({ headers: settings = {} }, index) =>
    Object.entries(settings).flatMap(([name, setting]) =>
      typeof setting === 'object'
        ? [{ path: ['audit', 'sinks', index, 'headers', name, 'secret'], secret: setting.secret }]
        : [],
    ),
  );
  return audit?.key === undefined
    ? headers
    : [{ path: ['audit', 'key', 'secret'], secret: audit.key.secret }, ...headers];
}
