import { nearest } from '../nearest.ts';
import { permissions } from '../permission.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';
import { holdsToken } from '../token-shapes.ts';
import { builtInRoles, permissionsOf } from './roles.ts';
import { writtenNames } from './written-names.ts';

/** Every role that a consumer names is there, and allows something that exists. */
export function checkRoles({ roles, consumers = {} }: CheckedConfig, written: unknown, problems: ProblemList): void {
  for (const [name, patterns] of Object.entries(roles)) {
    if (builtInRoles.has(name.toLowerCase())) {
      const hint = 'choose another name; consumers can have it as it is';
      problems.add(['roles', name], 'is the name of a built-in role', { hint, part: 'key' });
    }
    for (const [index, pattern] of patterns.entries()) {
      if (permissionsOf(pattern).length > 0) continue;
      const hint = hintFor(pattern, permissions);
      problems.add(['roles', name, index], `there is no permission "${shown(pattern)}"`, { hint });
    }
  }
  const known = [...builtInRoles.keys(), ...writtenNames(written, 'roles')];
  for (const [name, { roles: named }] of Object.entries(consumers)) {
    for (const [index, role] of named.entries()) {
      if (known.includes(role)) continue;
      problems.add(['consumers', name, 'roles', index], `there is no role "${shown(role)}"`, {
        hint: hintFor(role, known),
      });
    }
  }
}

/** Whatever is written in the wrong place may be a key. */
function shown(name: string): string {
  return holdsToken(name) ? '…' : name;
}

function hintFor(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined ? `there are ${known.join(', ')}` : `did you mean "${meant}"?`;
}
