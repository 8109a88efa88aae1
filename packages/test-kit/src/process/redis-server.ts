import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startProcess } from './start-process.ts';
import type { RunningProcess } from './start-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface RedisServer extends AsyncDisposable {
  /** Path of its socket, which stays the same when it is started again. */
  readonly socket: string;
  readonly pid: number;
  /** Ends it at once, with what it knows. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** The program that is there: Redis or Valkey; undefined where neither is installed. */
export function redisProgram(): string | undefined {
  return ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
}

/** Redis on a unix socket of its own, with nothing on disk. */
export async function startRedis({ password }: { readonly password?: string } = {}): Promise<RedisServer> {
  const program = redisProgram();
  if (program === undefined) throw new Error('neither redis-server nor valkey-server is installed');
  const directory = await temporaryDirectory();
  const socket = join(directory.path, 'redis.sock');
  const settings = ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', directory.path];
  const secret = password === undefined ? [] : ['--requirepass', password];
  const launch = (): Promise<RunningProcess> =>
    startProcess(program, [...settings, ...secret], { waitFor: /Ready to accept connections|is now ready/ });
  let running = await launch();

  async function kill(): Promise<void> {
    process.kill(running.pid, 'SIGKILL');
    await running.exited;
  }

  return {
    socket,
    get pid() {
      return running.pid;
    },
    kill,
    async start() {
      running = await launch();
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await directory[Symbol.asyncDispose]();
    },
  };
}
