import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, delimiter, isAbsolute, join } from 'node:path';
import type { UpstreamSpec } from '@hostler/kernel';
import type { Check } from './check.ts';

/** What brings a program that many servers are started with. */
const SOURCES: Readonly<Record<string, string>> = {
  npx: 'It comes with Node.js.',
  node: 'It is Node.js.',
  uvx: 'It comes with uv: https://docs.astral.sh/uv/',
  uv: 'https://docs.astral.sh/uv/',
  docker: 'https://docs.docker.com/get-docker/',
  bunx: 'It comes with Bun: https://bun.sh',
};

/** Whether the program of a server is there to be started. Nothing to say about servers that are reached by URL. */
export async function checkCommand(spec: UpstreamSpec, path: string | undefined): Promise<Check | undefined> {
  const { transport } = spec;
  if (transport.kind !== 'stdio') return undefined;
  const { command, cwd, env } = transport;
  const name = `command of ${spec.name}`;
  if (!(await isFolder(cwd))) {
    return { name, status: 'failed', message: `its folder ${cwd} does not exist`, mend: 'Create it, or mend cwd.' };
  }
  const own = env['PATH'];
  const found = await findProgram(command, typeof own === 'string' ? own : path);
  if (found !== undefined) return { name, status: 'ok', message: found };
  const isPath = isAbsolute(command);
  const [program = '', ...words] = command.split(' ');
  if (words.length > 0) {
    return {
      name,
      status: 'failed',
      message: `there is no program "${command}"`,
      mend: `A command is one program. Write what follows it as args: command: ${basename(program)}, args: ${JSON.stringify(words)}`,
    };
  }
  return {
    name,
    status: 'failed',
    message: isPath ? `${command} is not a program that this user may start` : `${command} is not in PATH`,
    mend: isPath
      ? 'Mend the path, or make the file executable.'
      : `Install ${command}. ${SOURCES[command] ?? ''}`.trimEnd(),
  };
}

async function findProgram(command: string, path = ''): Promise<string | undefined> {
  if (isAbsolute(command)) return (await isProgram(command)) ? command : undefined;
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    for (const ending of process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : ['']) {
      const candidate = join(folder, command + ending);
      if (await isProgram(candidate)) return candidate;
    }
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Not there or not executable: not a program, which is the answer.
    return false;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}
