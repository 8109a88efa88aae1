import { isJsonObject } from '@hostler/kernel';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';
import { checkIssuers } from './check-issuers.ts';

/** What issuers need of each other and of the rest. `written` is the whole configuration, broken parts too. */
export function checkAuth(config: CheckedConfig, written: unknown, problems: ProblemList): void {
  const { issuers, resource } = config.auth;
  const nameOf = new Map<string, string>();
  checkIssuers(config, written, problems);
  for (const [name, { type, issuer, audience }] of Object.entries(issuers)) {
    if (issuer === undefined) continue;
    const path = ['auth', 'issuers', name];
    const audiences = audience ?? (resource === undefined ? [] : [resource]);
    for (const each of new Set(audiences)) {
      const tokens = JSON.stringify([type, issuer, each]);
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
