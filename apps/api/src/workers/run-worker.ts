import { rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createRuntime, logCrashes, systemClock } from '@hostler/runtime';
import type { CrashSource, Runtime } from '@hostler/runtime';
import { createLink, createWorkerParts } from '@hostler/runtime/workers';
import { plannedClientAddress } from '../client-address.ts';
import { createClientCertificate } from '../client-certificate.ts';
import { serveApi } from '../listen.ts';
import type { Listening } from '../listen.ts';
import { describeMetrics } from '../metrics.ts';
import { createDivert, createElsewhere } from './divert.ts';
import { createForwarder } from './forwarder.ts';
import type { Forwarder } from './forwarder.ts';
import { takeHere } from './hand-out.ts';
import { openInsideSocket, socketOf } from './inside-socket.ts';
import { markOf } from './marks.ts';
import { ownPeer } from './own-peer.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';
import { createConnectionBound } from './connection-bound.ts';

/** The part of `process` that speaks with the parent. */
export interface WorkerChannel {
  on(event: 'message', listener: (message: unknown, handle: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  send?(message: FromWorker): unknown;
}

export interface WorkerSelf {
  readonly channel: WorkerChannel;
  readonly stream: Duplex;
  readonly stderr: NodeJS.WritableStream;
  readonly crashes: CrashSource;
  readonly exit: (code: number) => void;
}

/** A process that answers clients, for another one that has the servers. @returns its exit code, when it was told to end */
export async function runWorker(self: WorkerSelf): Promise<number> {
  const { channel } = self;
  const closed = Promise.withResolvers<void>();
  const state: { folder?: string; crew?: Crew } = {};
  // Without its parent nobody could end it, and what it serves is there.
  const orphaned = (): void => {
    if (state.folder !== undefined) rmSync(state.folder, { recursive: true, force: true });
    self.exit(1);
  };
  channel.on('disconnect', orphaned);
  const link = createLink({ stream: self.stream, onEnd: orphaned });
  /** What comes while it starts waits. */
  let queue: Promise<void> = Promise.resolve();
  channel.on('message', (received, handle) => {
    const message = received as ToWorker;
    if (message.kind === 'start') {
      state.folder = message.folder;
      queue = begin(self, link, message).then((crew) => void (state.crew = crew));
      queue.catch((error: unknown) => {
        self.stderr.write(
          `${JSON.stringify({ level: 'error', msg: 'the worker cannot start', error: String(error) })}\n`,
        );
        self.exit(1);
      });
    } else if (message.kind === 'connection') {
      if (state.crew === undefined) (handle as Socket | undefined)?.destroy();
      else if (handle !== undefined) state.crew.take(handle as Socket, message.head);
    } else {
      void queue.then(() => state.crew?.receive(message)).then((isOver) => isOver === true && closed.resolve());
    }
  });
  await closed.promise;
  // The last of what is recorded.
  await link.flushed();
  return 0;
}

interface Crew {
  take(socket: Socket, head: Uint8Array | undefined): void;
  /** @returns whether that was the end of it */
  receive(message: Exclude<ToWorker, { kind: 'start' | 'connection' }>): Promise<boolean>;
}

async function begin(self: WorkerSelf, link: ReturnType<typeof createLink>, start: WorkerStart): Promise<Crew> {
  const { stderr, crashes } = self;
  const send = (message: FromWorker): void => void self.channel.send?.(message);
  const renewed: { by?: Runtime } = {};
  const onRenewed = (server: string): void => void renewed.by?.renewServer(server).catch(() => undefined);
  const worker = createWorkerParts({ link, clock: systemClock, taskKey: start.taskKey, onRenewed });
  const runtime = await createRuntime({
    plan: start.plan,
    environment: start.environment,
    logDestination: stderr,
    worker,
  });
  renewed.by = runtime;
  logCrashes(crashes, runtime.log);
  const forwarder = createForwarder({ ...start, peerOf: ownPeer(peerParts(runtime)), log: runtime.log });
  const served = await serve(runtime, start, forwarder);
  const tell = (): void => {
    const { phase, ready } = runtime.readiness();
    send({ kind: 'state', phase, ready });
  };
  runtime.onEvent(({ kind }) => kind === 'state' && tell());
  send({ kind: 'listening' });
  void runtime.start().then(tell);
  return createCrew({ runtime, served, forwarder, send, bound: start.limits.connections });
}

function peerParts(runtime: Runtime) {
  const clientAddress = plannedClientAddress(runtime);
  return { clientCertificate: createClientCertificate({ runtime, clientAddress }) };
}

interface Serving {
  readonly server: Server;
  readonly close: Listening['close'];
  readonly closeInside: () => void;
}

async function serve(runtime: Runtime, start: WorkerStart, forwarder: Forwarder): Promise<Serving> {
  const { place, workers, limits, endpointLimits, isExposed, hasPort, folder, token } = start;
  const parts = { place, workers, forwarder };
  const crew = { mark: markOf(place), elsewhere: createElsewhere(parts) };
  const api = { runtime, isExposed, endpointLimits, crew };
  const served = await serveApi({ api, limits, hasPort, divert: createDivert(parts) });
  // A connection that cannot be used must not end the process.
  served.server.on('error', (error) => runtime.log.error({ error }, 'a connection could not be used'));
  const path = socketOf(folder, place);
  // One that was killed has left it behind.
  rmSync(path, { force: true });
  const closeInside = await openInsideSocket({ path, token, api: served.api, limits });
  return { server: served.server, close: served.close, closeInside };
}

interface CrewParts {
  readonly runtime: Runtime;
  readonly served: Serving;
  readonly forwarder: Forwarder;
  readonly send: (message: FromWorker) => void;
  readonly bound: number;
}

function createCrew({ runtime, served, forwarder, send, bound }: CrewParts): Crew {
  const begun = runtime.clock.now();
  const mayTake = createConnectionBound(bound);
  return {
    take(socket, head) {
      if (mayTake(socket)) takeHere(served.server, socket, head);
      else socket.destroy();
    },
    async receive(message) {
      switch (message.kind) {
        case 'plan':
          // What went wrong is in the log, and in that of who has the servers.
          await runtime.apply(message.plan).catch(() => undefined);
          return false;
        case 'restart':
          await runtime.renewServer(message.server).catch(() => undefined);
          return false;
        case 'log':
          runtime.logs.change(message.levels);
          return false;
        case 'metrics': {
          const text = describeMetrics(runtime, runtime.readiness(), runtime.clock.now() - begun);
          send({ kind: 'metrics', number: message.number, text });
          return false;
        }
        case 'close':
          await served.close(message.grace);
          served.closeInside();
          forwarder.close();
          return true;
      }
    },
  };
}
