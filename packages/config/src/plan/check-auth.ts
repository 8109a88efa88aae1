import { isJsonObject } from '@hostler/kernel';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';

/** What issuers need of each other and of the rest. `written` is the whole configuration, broken parts too. */
export function checkAuth({ auth }: CheckedConfig, written: unknown, problems: ProblemList): void {
  const { issuers, resource } = auth;
  const nameOf = new Map<string, string>();
  for (const [name, { issuer, audience }] of Object.entries(issuers)) {
    const path = ['auth', 'issuers', name];
    const audiences = audience ?? (resource === undefined ? [] : [resource]);
    if (audiences.length === 0) {
      const hint = 'add auth.resource, the URL of this host, or audience, which has to be in every token';
      problems.add(path, 'does not say for whom its tokens have to be issued', { hint, part: 'key' });
    }
    for (const each of new Set(audiences)) {
      const tokens = JSON.stringify([issuer, each]);
      const other = nameOf.get(tokens);
      if (other !== undefined) {
        const hint = 'one entry is enough: consumers tell its tokens apart by their claims';
        problems.add([...path, 'issuer'], `is that of "${other}" already, for the same audience`, { hint });
      }
      nameOf.set(tokens, name);
    }
  }
  if (!isOpen(written) || Object.keys(issuers).length === 0) return;
  const hint = 'add consumers, whose tokens say which of them a client is';
  problems.add(['auth', 'issuers'], 'has no meaning without consumers: nobody is asked for a token', {
    hint,
    part: 'key',
  });
}

function isOpen(written: unknown): boolean {
  return isJsonObject(written) && written['consumers'] === undefined;
}
