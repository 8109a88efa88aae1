import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EndpointLimits, HttpRequest, HttpResponse } from '@hostler/endpoint';
import type { Runtime } from '@hostler/runtime';
import { bindAddress, isLoopback, urlHost } from './bind-address.ts';
import { bindPort } from './bind-port.ts';
import { bindSocket } from './bind-socket.ts';
import { trackConnections } from './connections.ts';
import type { Connections } from './connections.ts';
import { createApi } from './create-api.ts';
import type { Api, ApiOptions } from './create-api.ts';
import { createSecureServer, createServer } from './create-server.ts';
import { isTlsSocket } from './is-tls.ts';
import { keepCertificate, readCertificate } from './keep-certificate.ts';
import { serveDirectly } from './direct/serve-directly.ts';
import { defaultServerLimits } from './server-limits.ts';
import type { ServerLimits } from './server-limits.ts';
import type { WorkersOptions } from './workers/listen-with-workers.ts';

export interface ListenOptions {
  /** A loopback address or `localhost`; any address where the plan has consumers and `listen.allowedHosts`. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** When the port is taken, take the next free one of the twenty above it. */
  readonly fallback: boolean;
  /** Path of a unix socket to listen on instead of a port; only this user may connect. */
  readonly socket?: string;
  /** Absent: this process answers by itself. The runtime has to be one for as many. */
  readonly workers?: WorkersOptions;
  readonly limits?: ServerLimits;
  readonly endpointLimits?: Partial<EndpointLimits>;
}

export interface Listening {
  /** Without a path, such as `http://127.0.0.1:8000`; `https://…` with TLS, `http://localhost` on a unix socket. */
  readonly url: string;
  /** 0 on a unix socket. */
  readonly port: number;
  /** Path of the unix socket. */
  readonly socket?: string;
  /** Resolves when all workers have started; absent: there are none. */
  readonly started?: Promise<void>;
  /**
   * Refuses new calls and gives running ones `grace` milliseconds (default: that of the plan); probes are answered until
   * then. After that it takes no more connections, and closes the runtime. Called again meanwhile, it ends the wait.
   */
  close(grace?: number): Promise<void>;
}

/**
 * Opens the port. Start the runtime afterwards: probes are answered from the first moment, and a taken port is found
 * before any server was started.
 * @throws API_OPEN_BIND, API_HOSTS_MISSING, API_PORT_IN_USE, API_PORT_DENIED, API_ADDRESS_UNAVAILABLE, API_SOCKET_*,
 * LISTEN_TLS_UNUSABLE, API_WORKERS_UNSUPPORTED
 */
export async function listen(runtime: Runtime, options: ListenOptions): Promise<Listening> {
  const { workers } = options;
  if (workers !== undefined && workers.count > 1) {
    const { listenWithWorkers } = await import('./workers/listen-with-workers.ts');
    return listenWithWorkers(runtime, { ...options, workers });
  }
  const { limits = defaultServerLimits, endpointLimits, socket } = options;
  const address = socket === undefined ? bindAddress(options.host, runtime.plan) : undefined;
  const isExposed = address !== undefined && !isLoopback(address);
  const api: ApiOptions = { runtime, isExposed, ...(endpointLimits && { endpointLimits }) };
  const served = await serveApi({ api, limits, hasPort: socket === undefined });
  const { server } = served;
  let place: Omit<Listening, 'close'>;
  try {
    place = await bind(server, address, { ...options, isSecure: served.isSecure });
  } catch (error) {
    served.release();
    await served.api.close(0);
    throw error;
  }
  if (place.port !== 0) runtime.tokens.listensAt(place.url);
  reportTrouble(server, runtime);
  return { ...place, close: served.close };
}

export interface ServeOptions {
  readonly api: ApiOptions;
  readonly limits: ServerLimits;
  /** Nobody else reads what goes over a unix socket: without a port there is no TLS. */
  readonly hasPort: boolean;
  /** Takes a request that is another process's to answer. */
  readonly divert?: Divert;
}

/**
 * @param answer answers it here all the same
 * @returns whether it did
 */
export type Divert = (request: HttpRequest, response: HttpResponse, answer: () => void) => boolean;

export interface ServedApi extends OpenServer {
  readonly api: Api;
  readonly close: Listening['close'];
}

/** What answers, before it has an address. @throws LISTEN_TLS_UNUSABLE */
export async function serveApi({ api: options, limits, hasPort, divert }: ServeOptions): Promise<ServedApi> {
  const { runtime } = options;
  const open = await openServer(runtime, limits, hasPort);
  const api = createApi(options);
  const headers = open.isSecure ? { 'strict-transport-security': STRICT_TRANSPORT } : {};
  answerWith(open.server, api, { headers, divert });
  serveDirectly({
    server: open.server,
    limits,
    clock: runtime.clock,
    connections: open.connections,
    headers,
    answer(request, response, route) {
      const answer = (): void => void api.answerWhole(request, response, route);
      if (divert?.(request, response, answer) !== true) answer();
    },
  });
  return { ...open, api, close: createClose({ ...open, runtime, api }) };
}

/** Gives it its address. @throws API_PORT_IN_USE, API_PORT_DENIED, API_ADDRESS_UNAVAILABLE, API_SOCKET_* */
export async function bind(
  server: NetServer,
  address: string | undefined,
  { port: wanted, fallback, socket = '', isSecure }: ListenOptions & { readonly isSecure: boolean },
): Promise<Omit<Listening, 'close'>> {
  if (address === undefined) {
    await bindSocket(server, socket);
    return { url: 'http://localhost', port: 0, socket };
  }
  const port = await bindPort(server, { address, port: wanted, attempts: fallback ? 21 : 1 });
  return { url: `${isSecure ? 'https' : 'http'}://${urlHost(address)}:${port}`, port };
}

interface OpenServer {
  readonly server: Server;
  readonly connections: Connections;
  readonly isSecure: boolean;
  /** Ends what looks after its certificate. */
  readonly release: () => void;
}

/** With TLS where the plan says so; a unix socket is nobody else's to read. @throws LISTEN_TLS_UNUSABLE */
async function openServer(runtime: Runtime, limits: ServerLimits, hasPort: boolean): Promise<OpenServer> {
  const { tls } = runtime.plan.listen;
  const material =
    hasPort && tls !== undefined ? await readCertificate(runtime, new AbortController().signal) : undefined;
  if (material === undefined || tls === undefined) {
    const server = createServer(limits);
    return { server, connections: trackConnections(server), isSecure: false, release: () => undefined };
  }
  const server = createSecureServer({ limits, log: runtime.log, material, clientCertificates: tls.clientCertificates });
  const connections = trackConnections(server);
  const endCertified = (): void =>
    connections.destroyWhere((connection) => isTlsSocket(connection) && connection.authorized);
  return {
    server,
    connections,
    isSecure: true,
    release: keepCertificate({ runtime, server, first: material, endCertified }),
  };
}

/** For a year, browsers come by TLS alone (RFC 6797). */
const STRICT_TRANSPORT = 'max-age=31536000';

interface AnswerOptions {
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly divert: Divert | undefined;
}

function answerWith(server: Server, api: Api, { headers, divert }: AnswerOptions): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    for (const name in headers) response.setHeader(name, headers[name] as string);
    if (divert?.(request, response, () => void api.answer(request, response)) === true) return;
    void api.answer(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void api.upgrade(request, socket, head);
  });
}

/** Says that connections are refused, but not once for each: whoever floods us must not flood the log too. */
export function reportTrouble(server: NetServer, { log, clock }: Runtime): void {
  let quietUntil = clock.now();
  // Without a listener a connection that cannot be accepted would end the process.
  server.on('error', (error) => log.error({ error }, 'a connection could not be accepted'));
  server.on('drop', () => {
    if (clock.now() < quietUntil) return;
    quietUntil = clock.now() + DROP_REPORT_PAUSE;
    log.warn({ connections: server.maxConnections }, 'connections are refused: too many are open');
  });
}

const DROP_REPORT_PAUSE = 10_000;

interface Closable {
  readonly runtime: Runtime;
  readonly connections: Connections;
  readonly api: Api;
  readonly release: () => void;
}

/** Milliseconds that the last answers have at least to reach their clients. */
const FLUSH_TIME = 1_000;

function createClose({ runtime, connections, api, release }: Closable): Listening['close'] {
  const { clock } = runtime;
  /** Resolves a moment after somebody asked a second time. */
  const rushed = Promise.withResolvers<void>();
  let closing: Promise<void> | undefined;

  async function closeAll(grace: number): Promise<void> {
    const deadline = clock.now() + grace;
    connections.thin();
    release();
    try {
      await Promise.race([api.close(grace), rushed.promise]);
      const disconnected = connections.finish();
      // Every answer is given by now, but not every one has reached its client.
      const flushed = Promise.withResolvers<void>();
      const stopTimer = clock.after(Math.max(deadline - clock.now(), FLUSH_TIME), flushed.resolve);
      await Promise.race([disconnected, flushed.promise, rushed.promise]);
      stopTimer();
    } finally {
      connections.destroy();
      await runtime.close();
    }
  }

  function rush(): void {
    // Answers all that is under way with an error, which then has that moment to arrive.
    void api.close(0);
    clock.after(FLUSH_TIME, rushed.resolve);
  }

  return (grace = runtime.plan.shutdownGrace) => {
    if (closing !== undefined) rush();
    closing ??= closeAll(grace);
    return closing;
  };
}
