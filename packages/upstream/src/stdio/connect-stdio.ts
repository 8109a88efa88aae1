import type { StdioSpec } from '@hostler/kernel';
import { childEnvironment } from '../child-environment.ts';
import type { Connect, ConnectContext } from '../connection.ts';
import type { PipeReceiver } from '../pipe/message-pipe.ts';
import { openPipeConnection } from '../pipe/pipe-connection.ts';
import { createKeeper } from './keeper.ts';
import type { Keeper } from './keeper.ts';
import { ProcessFamily } from './process-family.ts';
import { startChild } from './start-child.ts';
import { StdioPipe } from './stdio-pipe.ts';

export interface ConnectStdioOptions {
  /** The host's own environment; five variables of it reach a child, see `childEnvironment`. */
  readonly baseEnvironment: Readonly<Record<string, string | undefined>>;
}

/** Connects to MCP servers by starting them as child processes. */
export function createConnectStdio({ baseEnvironment }: ConnectStdioOptions): Connect {
  let keeper: Keeper | undefined;
  return (context) => {
    keeper ??= createKeeper(context.log);
    const parts = { baseEnvironment, keeper };
    return openPipeConnection(context, (receiver) => startServer(context, receiver, parts));
  };
}

async function startServer(
  context: ConnectContext,
  receiver: PipeReceiver,
  { baseEnvironment, keeper }: ConnectStdioOptions & { readonly keeper: Keeper },
): Promise<StdioPipe> {
  const { spec, secrets, signal } = context;
  const transport = spec.transport as StdioSpec;
  const server = spec.name;
  context.onPhase?.('resolving');
  const environment = await childEnvironment({ server, transport, baseEnvironment, secrets, signal });
  signal.throwIfAborted();
  context.onPhase?.('connecting');
  const child = await startChild({ server, transport, environment, onStarted: (id) => keeper.add(id) });
  const family = new ProcessFamily(child.id);
  const pipe = new StdioPipe({ child, family, context, receiver, onGone: () => keeper.remove(child.id) });
  // Remembered now, so that another process with the same id is never taken for it.
  await family.living();
  return pipe;
}
