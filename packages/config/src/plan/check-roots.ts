import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedServer } from '../schema/config-file.ts';
import { toRootSpecs } from './root-specs.ts';

/** `folder` is where relative paths start. */
export function checkRoots({ servers }: CheckedConfig, folder: string, problems: ProblemList): void {
  for (const [name, server] of Object.entries(servers)) {
    checkFolders(name, server, { folder, problems });
    if (server.pathArguments === undefined || server.roots !== undefined) continue;
    const hint = 'add roots: the folders in which these paths must lie';
    problems.add(['servers', name, 'pathArguments'], 'has no meaning without roots', { hint, part: 'key' });
  }
}

interface Context {
  readonly folder: string;
  readonly problems: ProblemList;
}

function checkFolders(name: string, { roots = [] }: CheckedServer, { folder, problems }: Context): void {
  const seen = new Set<string>();
  for (const [index, root] of roots.entries()) {
    const path = ['servers', name, 'roots', index];
    try {
      const uri = toRootSpecs([root], folder)[0]?.uri ?? '';
      if (seen.has(uri)) problems.add(path, 'this folder stands here twice');
      seen.add(uri);
    } catch {
      problems.add(path, 'is no URI of a folder', { hint: 'write the path instead' });
    }
  }
}
