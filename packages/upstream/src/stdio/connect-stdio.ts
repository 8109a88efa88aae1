import type { Logger, StdioSpec } from '@hostler/kernel';
import { childEnvironment } from '../child-environment.ts';
import type { ChildEnvironment } from '../child-environment.ts';
import type { Connect, ConnectContext } from '../connection.ts';
import type { PipeReceiver } from '../pipe/message-pipe.ts';
import { openPipeConnection } from '../pipe/pipe-connection.ts';
import { createKeeper } from './keeper.ts';
import type { Keeper } from './keeper.ts';
import { ProcessFamily } from './process-family.ts';
import { SecretFiles } from './secret-files.ts';
import type { HandedFiles } from './secret-files.ts';
import { startChild } from './start-child.ts';
import type { Child, StartChildOptions } from './start-child.ts';
import { StdioPipe } from './stdio-pipe.ts';

export interface ConnectStdioOptions {
  /** The host's own environment; five variables of it reach a child, see `childEnvironment`. */
  readonly baseEnvironment: Readonly<Record<string, string | undefined>>;
}

/** Connects to MCP servers by starting them as child processes. */
export function createConnectStdio({ baseEnvironment }: ConnectStdioOptions): Connect {
  let parts: Parts | undefined;
  return (context) => {
    parts ??= createParts(baseEnvironment, context.log);
    const shared = parts;
    return openPipeConnection(context, (receiver) => startServer(context, receiver, shared));
  };
}

/** What all children have in common. */
interface Parts extends ConnectStdioOptions {
  readonly keeper: Keeper;
  readonly secretFiles: SecretFiles;
}

function createParts(baseEnvironment: ConnectStdioOptions['baseEnvironment'], log: Logger): Parts {
  const keeper = createKeeper(log);
  return { baseEnvironment, keeper, secretFiles: new SecretFiles({ keeper, log, environment: baseEnvironment }) };
}

async function startServer(context: ConnectContext, receiver: PipeReceiver, parts: Parts): Promise<StdioPipe> {
  const { spec, secrets, signal } = context;
  const { baseEnvironment, keeper, secretFiles } = parts;
  const transport = spec.transport as StdioSpec;
  const server = spec.name;
  context.onPhase?.('resolving');
  const { variables, files, missing } = await childEnvironment({ server, transport, baseEnvironment, secrets, signal });
  context.onMissing?.(missing);
  signal.throwIfAborted();
  context.onPhase?.('connecting');
  const handed = await secretFiles.hand(server, files);
  // From here to the pipe nothing waits for another turn: a child may end in the next one, and says so once.
  const child = await startWith(handed, { server, transport, variables, onStarted: (id) => keeper.add(id) });
  const family = new ProcessFamily(child.id);
  const pipe = new StdioPipe({
    child,
    family,
    context,
    receiver,
    async onStopped(isGone) {
      // Also when something of it lives on: what it wanted to read it has read.
      await handed.remove();
      if (isGone) await keeper.remove(child.id);
    },
  });
  // They are the child's alone from here on.
  await handed.closeDescriptors();
  // Remembered now, so that another process with the same id is never taken for it.
  await family.living();
  return pipe;
}

/** When it does not start, its files go at once. */
async function startWith(
  handed: HandedFiles,
  {
    variables,
    ...options
  }: Omit<StartChildOptions, 'environment' | 'descriptors'> & Pick<ChildEnvironment, 'variables'>,
): Promise<Child> {
  const { descriptors } = handed;
  try {
    return await startChild({ ...options, environment: { ...variables, ...handed.variables }, descriptors });
  } catch (error) {
    await handed.closeDescriptors();
    await handed.remove();
    throw error;
  }
}
