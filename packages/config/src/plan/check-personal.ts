import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedServer } from '../schema/config-file.ts';
import { isTemplate } from '../secret-template.ts';

const HINT = 'take it out of the group, or give it a secret that is the same for all';

/** The members of a group are read and judged for all its clients: one that is another for each of them cannot be one. */
export function checkPersonal({ groups, servers }: CheckedConfig, problems: ProblemList): void {
  for (const [name, group] of Object.entries(groups)) {
    for (const [index, member] of group.servers.entries()) {
      const server = servers[member];
      if (server === undefined || !isPersonal(server)) continue;
      const message = `"${member}" has other credentials for each caller, so it cannot stand in for other servers`;
      problems.add(['groups', name, 'servers', index], message, { hint: HINT });
    }
  }
}

function isPersonal({ env = {}, headers = {}, oauth }: CheckedServer): boolean {
  if (oauth !== undefined && oauth.grant !== 'client-credentials') return true;
  return [...Object.values(env), ...Object.values(headers)].some(
    (setting) => typeof setting !== 'string' && isTemplate(setting.secret),
  );
}
