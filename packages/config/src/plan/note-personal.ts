import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedServer } from '../schema/config-file.ts';
import { isTemplate } from '../secret-template.ts';

const MESSAGE = 'callers of two issuers with the same claim share this secret';
const HINT = 'put {consumer} into it as well, and let each consumer have tokens of one issuer';

/** Claims are unique for each issuer alone: the `sub` of one may be somebody else at another. */
export function notePersonal({ servers, auth, consumers = {} }: CheckedConfig, notes: ProblemList): void {
  const hasCertificates = Object.values(consumers).some(({ certificates }) => certificates.length > 0);
  if (Object.keys(auth.issuers).length + (hasCertificates ? 1 : 0) < 2) return;
  for (const [name, server] of Object.entries(servers)) {
    for (const path of sharedPaths(server)) notes.add(['servers', name, ...path, 'secret'], MESSAGE, { hint: HINT });
  }
}

function sharedPaths({ env = {}, headers = {} }: CheckedServer): readonly (readonly string[])[] {
  return Object.entries({ env, headers }).flatMap(([part, settings]) =>
    Object.entries(settings).flatMap(([key, setting]) =>
      typeof setting === 'string' || !isTemplate(setting.secret) || setting.secret.includes('{consumer}')
        ? []
        : [[part, key]],
    ),
  );
}
