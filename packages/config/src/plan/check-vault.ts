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

interface Reference {
  readonly path: Path;
  readonly secret: string;
}

function referencesOf({ servers, secrets, consumers = {} }: CheckedConfig): readonly Reference[] {
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
  return [...used, ...options, ...keys];
}

function serverReferences(path: Path, { env = {}, headers = {}, tls = {} }: CheckedServer): readonly Reference[] {
  return Object.entries({ env, headers, tls }).flatMap(([part, settings]) =>
    Object.entries(settings).flatMap(([name, value]) =>
      typeof value === 'string' ? [] : [{ path: [...path, part, name, 'secret'], secret: value.secret }],
    ),
  );
}
