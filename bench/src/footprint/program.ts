import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How `hostler` is started: what node is given before its own arguments. */
export type Program = readonly string[];

const CLI = new URL('../../../apps/cli/', import.meta.url);

/** As installed: what the package's `bin` names, after a build. */
export function builtProgram(): Program {
  const { bin } = JSON.parse(readFileSync(new URL('package.json', CLI), 'utf8')) as { bin: { hostler: string } };
  const file = fileURLToPath(new URL(bin.hostler, CLI));
  if (!existsSync(file)) throw new Error('there is no built program: `pnpm -s build` makes it, --source does without');
  return [file];
}

export function sourceProgram(): Program {
  return ['--conditions=@hostler/source', fileURLToPath(new URL('src/main.ts', CLI))];
}
