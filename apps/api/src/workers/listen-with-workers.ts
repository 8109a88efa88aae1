import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server as NetServer } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostPlan } from '@hostler/config';
import type { Runtime } from '@hostler/runtime';
import { bindAddress, isLoopback } from '../bind-address.ts';
import { plannedClientAddress } from '../client-address.ts';
import { createClientCertificate } from '../client-certificate.ts';
import type { ApiOptions, CrewOptions } from '../create-api.ts';
import { bind, reportTrouble, serveApi } from '../listen.ts';
import type { Listening, ListenOptions, ServedApi } from '../listen.ts';
import { defaultServerLimits } from '../server-limits.ts';
import { checkShareable } from './check-shareable.ts';
import { createCrew } from './crew.ts';
import type { Crew } from './crew.ts';
import { createDivert, createElsewhere } from './divert.ts';
import { divideBounds, divideConnections, dividePlan } from './divide-plan.ts';
import { createForwarder } from './forwarder.ts';
import type { Forwarder } from './forwarder.ts';
import { createHandOut } from './hand-out.ts';
import { openInsideSocket, socketOf } from './inside-socket.ts';
import { logLine } from './log-line.ts';
import { markOf, OWNER } from './marks.ts';
import { ownPeer } from './own-peer.ts';
import { metricsOfAll, readinessOfAll } from './together.ts';
import type { WorkerStart } from './worker-messages.ts';
import { WorkerProcess } from './worker-process.ts';

/** How a host has workers. */
export interface WorkersOptions {
  /** At least 2: one process needs none. */
  readonly count: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes what they log, as JSON lines. */
  readonly logDestination: NodeJS.WritableStream;
}

interface Options extends ListenOptions {
  readonly workers: WorkersOptions;
}

/**
 * Opens the port here and gives its connections to workers. Here are the servers that are processes, what is counted and
 * recorded once, and everything that is not MCP; while no worker is there, MCP too.
 * @throws as `listen`, and API_WORKERS_UNSUPPORTED
 */
export async function listenWithWorkers(runtime: Runtime, options: Options): Promise<Listening> {
  const { limits = defaultServerLimits, endpointLimits = {}, socket, workers } = options;
  checkShareable(runtime.plan, workers.count);
  const address = socket === undefined ? bindAddress(options.host, runtime.plan) : undefined;
  const inside = { folder: await mkdtemp(join(tmpdir(), 'hostler-')), token: randomBytes(32).toString('base64url') };
  const site: Site = {
    runtime,
    options: { ...options, limits, endpointLimits },
    isExposed: address !== undefined && !isLoopback(address),
    hasPort: socket === undefined,
    ...inside,
    taskKey: randomBytes(32),
  };
  const crew = createWorkers(site);
  const forwarder = createForwarder({ ...inside, peerOf: ownPeer(peerParts(runtime)), log: runtime.log });
  const served = await serveHere(site, crew, forwarder);
  const { isSecure } = served;
  const handOut = createHandOut({ clock: runtime.clock, takers: () => crew.takers(), own: served.server, isSecure });
  // Paused, so that nothing of a connection is read by a process that does not keep it.
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, handOut);
  server.maxConnections = limits.connections;
  const close = createClose({ site, crew, served, server, forwarder });
  try {
    const place = await bind(server, address, { ...options, isSecure });
    if (place.port !== 0) runtime.tokens.listensAt(place.url);
    reportTrouble(server, runtime);
    for (const worker of crew.workers) worker.start();
    return { ...place, started: crew.started, close };
  } catch (error) {
    served.release();
    await served.api.close(0);
    await rm(inside.folder, { recursive: true, force: true });
    throw error;
  }
}

/** What is the same for all processes. */
interface Site {
  readonly runtime: Runtime;
  readonly options: Options & Required<Pick<Options, 'limits' | 'endpointLimits'>>;
  readonly isExposed: boolean;
  readonly hasPort: boolean;
  readonly folder: string;
  readonly token: string;
  readonly taskKey: Uint8Array;
}

function createWorkers(site: Site): Crew {
  const { runtime, options } = site;
  const { count, environment, logDestination } = options.workers;
  let inForce = runtime.plan;
  const planOf = (place: number): HostPlan => dividePlan(inForce, { place, workers: count }, site.isExposed);
  const workers = Array.from({ length: count }, (_, index): WorkerProcess => {
    const place = index + 1;
    return new WorkerProcess(place, {
      start: () => startOf(site, place, planOf(place)),
      environment,
      clock: runtime.clock,
      log: runtime.log,
      onLog: (line) => void logDestination.write(logLine(line, place)),
      serve: (link, name) => runtime.serveWorker(link, name),
      onState: () => crew.onState(),
    });
  });
  const crew = createCrew(workers, runtime.clock);
  runtime.onChange({
    onPlan(plan) {
      inForce = plan;
      for (const worker of workers) worker.send({ kind: 'plan', plan: planOf(worker.place) });
    },
    onRestart(server) {
      // What runs here was started again here; connections to others are each worker's own.
      if (inForce.servers.find(({ name }) => name === server)?.transport.kind === 'stdio') return;
      crew.send({ kind: 'restart', server });
    },
  });
  return crew;
}

function startOf(
  { options, isExposed, hasPort, folder, token, taskKey }: Site,
  place: number,
  plan: HostPlan,
): WorkerStart {
  const part = { place, workers: options.workers.count };
  return {
    kind: 'start',
    ...part,
    plan,
    limits: divideConnections(options.limits, part),
    endpointLimits: divideBounds(options.endpointLimits, part),
    isExposed,
    hasPort,
    folder,
    token,
    taskKey,
    environment: { ...options.workers.environment },
  };
}

interface ServedHere extends ServedApi {
  readonly closeInside: () => void;
}

/** What this process answers: for workers that come with what is not theirs, and for clients. */
async function serveHere(site: Site, crew: Crew, forwarder: Forwarder): Promise<ServedHere> {
  const { runtime, options, isExposed, hasPort, folder, token } = site;
  const { limits, endpointLimits, workers } = options;
  const parts = { place: OWNER, workers: workers.count, forwarder };
  const together: CrewOptions = {
    mark: markOf(OWNER),
    elsewhere: createElsewhere(parts),
    readinessOf: (own) => readinessOfAll(own, crew.workers),
    metricsOf: (own) => metricsOfAll(own, crew.workers),
  };
  const api: ApiOptions = { runtime: tellingOfLevels(runtime, crew), isExposed, endpointLimits, crew: together };
  const served = await serveApi({ api, limits, hasPort, divert: createDivert(parts) });
  const path = socketOf(folder, OWNER);
  return { ...served, closeInside: await openInsideSocket({ path, token, api: served.api, limits }) };
}

/** What is logged is changed in all processes. */
function tellingOfLevels(runtime: Runtime, crew: Crew): Runtime {
  const logs: Runtime['logs'] = {
    of: (module) => runtime.logs.of(module),
    levels: () => runtime.logs.levels(),
    change(levels) {
      runtime.logs.change(levels);
      crew.send({ kind: 'log', levels });
    },
  };
  return Object.create(runtime, { logs: { value: logs } }) as Runtime;
}

function peerParts(runtime: Runtime) {
  const clientAddress = plannedClientAddress(runtime);
  return { clientCertificate: createClientCertificate({ runtime, clientAddress }) };
}

interface Closable {
  readonly site: Site;
  readonly crew: Crew;
  readonly served: ServedHere;
  readonly server: NetServer;
  readonly forwarder: Forwarder;
}

/** Workers first: their calls need the servers, which are here. */
function createClose({ site, crew, served, server, forwarder }: Closable): Listening['close'] {
  let closing: Promise<void> | undefined;
  async function closeAll(grace: number): Promise<void> {
    try {
      // Meanwhile this process still answers probes.
      await crew.close(grace);
      server.close();
      await served.close(0);
    } finally {
      served.closeInside();
      forwarder.close();
      await rm(site.folder, { recursive: true, force: true });
    }
  }
  return (grace = site.runtime.plan.shutdownGrace) => {
    if (closing !== undefined) void crew.close(0);
    closing ??= closeAll(grace);
    return closing;
  };
}
