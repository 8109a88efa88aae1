import { nearest } from '../nearest.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig } from '../schema/config-file.ts';
import { holdsToken } from '../token-shapes.ts';
import { hasWildcard, parseViewPattern } from './view-pattern.ts';
import { writtenNames } from './written-names.ts';

/** What limits name is there, and they mean something together. `written` is the whole configuration. */
export function checkLimits({ consumers = {}, limits }: CheckedConfig, written: unknown, problems: ProblemList): void {
  const servers = [...writtenNames(written, 'servers'), ...writtenNames(written, 'groups')];
  for (const [name, { limits: own = {} }] of Object.entries(consumers)) {
    const path = ['consumers', name, 'limits'];
    if (own.waiting !== undefined && own.waiting > 0 && own.concurrent === undefined) {
      problems.add([...path, 'waiting'], 'needs "concurrent" beside it: nothing waits where all may run', {
        part: 'key',
      });
    }
    for (const pattern of Object.keys(own.tools ?? {})) {
      const { server } = parseViewPattern(pattern);
      if (hasWildcard(server) || servers.includes(server)) continue;
      const meant = nearest(server, servers);
      const hint = meant === undefined ? 'name a server or a group of this file' : `did you mean "${meant}"?`;
      const shown = holdsToken(server) ? '…' : server;
      problems.add([...path, 'tools', pattern], `there is no server or group "${shown}"`, { part: 'key', hint });
    }
  }
  checkStore(limits, problems);
}

function checkStore({ store }: CheckedConfig['limits'], problems: ProblemList): void {
  if (store === undefined) return;
  const path = ['limits', 'store', 'redis'];
  const { url, socket, user, password } = store.redis;
  if (url === undefined && socket === undefined) problems.add(path, 'missing key "url" or "socket"');
  if (url !== undefined && socket !== undefined) {
    problems.add([...path, 'socket'], 'redis has either url or socket, not both', { part: 'key' });
  }
  if (user !== undefined && password === undefined) {
    problems.add([...path, 'user'], 'needs "password" beside it', { part: 'key' });
  }
}
