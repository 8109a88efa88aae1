import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedServer } from '../schema/config-file.ts';
import { remoteTypeOf } from './remote-type.ts';

/** Which settings of the way to a server exclude or need each other. */
export function checkNetworks({ servers }: CheckedConfig, problems: ProblemList): void {
  for (const [name, server] of Object.entries(servers)) {
    if (server.url !== undefined) checkNetwork(server.url, server, { path: ['servers', name], problems });
  }
}

interface Place {
  readonly path: readonly string[];
  readonly problems: ProblemList;
}

function checkNetwork(url: string, server: CheckedServer, { path, problems }: Place): void {
  const { era, proxy, socket, tls } = server;
  if (proxy !== undefined && proxy !== 'none' && socket !== undefined) {
    problems.add([...path, 'proxy'], 'has no meaning beside socket', { part: 'key' });
  }
  if (tls !== undefined && !/^(?:https|wss):/.test(url)) {
    problems.add([...path, 'tls'], 'has no meaning for a URL without TLS', {
      hint: 'begin it with https:// or wss://',
      part: 'key',
    });
  }
  for (const [has, needs] of [['certificate', 'key'] as const, ['key', 'certificate'] as const]) {
    if (tls?.[has] === undefined || tls[needs] !== undefined) continue;
    problems.add([...path, 'tls', has], `needs "${needs}" beside it`, { part: 'key' });
  }
  if (era === 'modern' && (server.type ?? remoteTypeOf(url)) === 'sse') {
    problems.add([...path, 'era'], 'HTTP+SSE belongs to the legacy era', { hint: 'leave era out' });
  }
}
