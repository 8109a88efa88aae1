import { isHostlerError } from '@hostler/kernel';
import type { Connection } from '../connection.ts';
import type { HttpContext } from '../http/http-context.ts';
import { openPipeConnection } from '../pipe/pipe-connection.ts';
import { SsePipe } from './sse-pipe.ts';

/** A server of another kind may open a stream and then say nothing on it. */
const TRIAL = 5_000;

/**
 * Connects to a server that speaks HTTP+SSE. Source: MCP 2024-11-05, basic/transports. Closing the connection closes the
 * link of `http`; when it cannot be opened, that is left to the caller.
 * @throws UPSTREAM_*, or the signal's reason
 */
export function connectSse(http: HttpContext): Promise<Connection> {
  const { spec } = http.connect;
  if (spec.era === 'modern') {
    throw http.failures.protocol('HTTP+SSE belongs to the legacy era: set its era to "auto" or "legacy".', false);
  }
  return connect(http, spec.startTimeout);
}

/** The same as a trial. @returns undefined when the server turns out to speak something else */
export async function trySse(http: HttpContext): Promise<Connection | undefined> {
  const { log, signal, spec } = http.connect;
  let isOpen = false;
  try {
    return await connect(http, Math.min(TRIAL, spec.startTimeout / 2), () => {
      isOpen = true;
    });
  } catch (error) {
    // Once it has named its endpoint, what goes wrong is the news.
    if (isOpen || signal.aborted || !isHostlerError(error)) throw error;
    log.debug({ server: spec.name, error }, 'the server does not speak HTTP+SSE either');
    return undefined;
  }
}

function connect(http: HttpContext, patience: number, onOpen?: () => void): Promise<Connection> {
  const { connect: context } = http;
  // There is nothing to find out: no later revision has this transport.
  return openPipeConnection({ ...context, spec: { ...context.spec, era: 'legacy' } }, async (receiver) => {
    const pipe = new SsePipe(http, receiver, patience);
    try {
      await pipe.opened(context.signal);
    } catch (thrown) {
      pipe.abandon();
      throw thrown;
    }
    onOpen?.();
    return pipe;
  });
}
