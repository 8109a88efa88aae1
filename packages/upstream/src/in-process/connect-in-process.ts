import type { InProcessServer, InProcessSpec, JsonObject } from '@hostler/kernel';
import type { Connect, ConnectContext } from '../connection.ts';
import { upstreamErrors } from '../errors.ts';
import type { MessagePipe, PipeReceiver } from '../pipe/message-pipe.ts';
import { openPipeConnection } from '../pipe/pipe-connection.ts';
import { untilAborted } from '@hostler/secrets';
import { LinkedTransport } from './linked-transport.ts';

/** Connects to server objects of either official SDK line, each connection to an object of its own. */
export const connectInProcess: Connect = (context) =>
  openPipeConnection(context, (receiver) => mount(context, receiver));

async function mount(context: ConnectContext, receiver: PipeReceiver): Promise<MessagePipe> {
  const { spec, log, screen, signal } = context;
  context.onPhase?.('connecting');
  const transport = new LinkedTransport({
    onIncoming: (incoming) => receiver.receive(incoming),
    onForeign: (error) =>
      log.warn({ server: spec.name, error }, 'the server sent what is no MCP message; it is skipped'),
    onClosed: () => receiver.ended((mayHaveRun) => unavailable(context, 'It closed its connection.', { mayHaveRun })),
    screen,
  });
  let server: InProcessServer | undefined;
  try {
    server = (spec.transport as InProcessSpec).create();
    await untilAborted(signal, server.connect(transport as never));
  } catch (cause) {
    await server?.close().catch(() => {});
    if (signal.aborted) throw signal.reason;
    throw unavailable(context, 'Its code failed to start it: see the log.', { cause });
  }
  return new InProcessPipe(server, transport, context);
}

class InProcessPipe implements MessagePipe {
  readonly #server: InProcessServer;
  readonly #transport: LinkedTransport;
  readonly #context: Pick<ConnectContext, 'spec' | 'log' | 'clock' | 'limits'>;
  #closing: Promise<void> | undefined;

  constructor(server: InProcessServer, transport: LinkedTransport, context: ConnectContext) {
    this.#server = server;
    this.#transport = transport;
    this.#context = context;
  }

  send(message: JsonObject): boolean {
    if (this.#closing) return false;
    this.#transport.deliver(message);
    return true;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A server object that does not finish is left behind: nothing can be taken from it by force. */
  async #close(): Promise<void> {
    const { spec, log, clock, limits } = this.#context;
    const { promise: timeUp, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(limits.stopStep, resolve);
    const closed = this.#server
      .close()
      .catch((error: unknown) => log.warn({ server: spec.name, error }, 'the server failed to close'));
    await Promise.race([closed, timeUp]);
    cancel();
    await this.#transport.close();
  }
}

function unavailable(
  { spec }: Pick<ConnectContext, 'spec'>,
  problem: string,
  { mayHaveRun = false, cause }: { readonly mayHaveRun?: boolean; readonly cause?: unknown },
): ReturnType<typeof upstreamErrors.UNAVAILABLE> {
  return upstreamErrors.UNAVAILABLE({ details: { server: spec.name, problem, mayHaveRun }, cause });
}
