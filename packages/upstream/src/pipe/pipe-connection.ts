import type { Era, Exchange, JsonObject, Notification, Outcome } from '@hostler/kernel';
import { metaKeys, newestModernRevision, withClientFacts } from '@hostler/protocol';
import type { ServerDescription } from '@hostler/protocol';
import type { ConnectContext, Connection } from '../connection.ts';
import { openLegacy, openModern, probe } from './handshake.ts';
import type { StartPipe } from './message-pipe.ts';
import { legacyParams } from '../legacy-params.ts';
import { LISTEN } from './open-calls.ts';
import type { Answer } from './open-calls.ts';
import { PipePeer } from './pipe-peer.ts';

/**
 * Starts a server and negotiates with it. One that exits on the probe is started again and initialised directly: some
 * servers accept nothing before `initialize`.
 * @throws UPSTREAM_UNAVAILABLE, UPSTREAM_PROTOCOL, SECRET_*, or the signal's reason
 */
export async function openPipeConnection(context: ConnectContext, start: StartPipe): Promise<Connection> {
  const { era } = context.spec;
  const connection = await openOnce(context, start, era);
  if (connection) return connection;
  context.log.debug({ server: context.spec.name }, 'it exited on the probe and is started again');
  return (await openOnce(context, start, 'legacy')) as Connection;
}

/** Undefined when the server exited on the probe. */
async function openOnce(context: ConnectContext, start: StartPipe, era: Era | 'auto'): Promise<Connection | undefined> {
  const peer = new PipePeer(context);
  const pipe = await start(peer);
  peer.attach(pipe);
  context.onPhase?.('initialising');
  try {
    const server = await negotiate(peer, context, era);
    if (server) return new PipeConnection(peer, { server, context, renewSecrets: pipe.renewSecrets });
  } catch (error) {
    await peer.close();
    throw error;
  }
  await peer.close();
  return undefined;
}

async function negotiate(
  peer: PipePeer,
  context: ConnectContext,
  era: Era | 'auto',
): Promise<ServerDescription | undefined> {
  if (era === 'modern') return openModern(peer, context);
  if (era === 'legacy') return openLegacy(peer, context);
  const found = await probe(peer, context);
  if (found.kind === 'modern') return found.server;
  return found.kind === 'legacy' ? openLegacy(peer, context) : undefined;
}

const CANCELLATION: Readonly<Record<Era, JsonObject>> = {
  legacy: {},
  // A server that meets a message without a revision may take the whole connection for one of the legacy era.
  modern: { _meta: { [metaKeys.protocolVersion]: newestModernRevision } },
};

interface Negotiated extends Pick<Connection, 'server' | 'renewSecrets'> {
  readonly context: ConnectContext;
}

/** A negotiated connection over a pipe: stdio and in process, both eras. */
class PipeConnection implements Connection {
  readonly era: Era;
  readonly server: ServerDescription;
  readonly renewSecrets: Connection['renewSecrets'];
  readonly #peer: PipePeer;
  readonly #callTimeout: number;

  constructor(peer: PipePeer, { server, context, renewSecrets }: Negotiated) {
    this.era = server.era;
    this.server = server;
    this.renewSecrets = renewSecrets;
    this.#peer = peer;
    this.#callTimeout = context.spec.callTimeout;
    peer.onEnded = (reason) => context.onClose(reason);
  }

  get heard(): number {
    return this.#peer.heard;
  }

  request(exchange: Exchange, timeout = this.#callTimeout): Promise<Outcome> {
    const { request, client, logLevel } = exchange;
    const { method } = request;
    const { era } = this;
    const answer = this.#peer.call({
      method,
      params: era === 'modern' ? withClientFacts(request.params, client, logLevel) : legacyParams(exchange),
      until: exchange,
      exchange,
      cancellation: CANCELLATION[era],
      ...(method === LISTEN ? {} : { timeout }),
    });
    return answer.then(this.#toOutcome);
  }

  readonly #toOutcome = ({ member, payload }: Answer): Outcome => ({ kind: member, era: this.era, payload });

  notify({ method, params }: Notification): void {
    if (this.era === 'legacy') this.#peer.notify(method, params);
  }

  close(): Promise<void> {
    return this.#peer.close();
  }
}
