import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EndpointLimits } from '@hostler/endpoint';
import type { Runtime } from '@hostler/runtime';
import { bindAddress, isLoopback, urlHost } from './bind-address.ts';
import { bindPort } from './bind-port.ts';
import { bindSocket } from './bind-socket.ts';
import { trackConnections } from './connections.ts';
import type { Connections } from './connections.ts';
import { createApi } from './create-api.ts';
import type { Api } from './create-api.ts';
import { defaultServerLimits } from './server-limits.ts';
import type { ServerLimits } from './server-limits.ts';
import { wantsWebSocket } from './wants-web-socket.ts';

export interface ListenOptions {
  /** A loopback address or `localhost`; any address where the plan has consumers and `listen.allowedHosts`. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** When the port is taken, take the next free one of the twenty above it. */
  readonly fallback: boolean;
  /** Path of a unix socket to listen on instead of a port; only this user may connect. */
  readonly socket?: string;
  readonly limits?: ServerLimits;
  readonly endpointLimits?: Partial<EndpointLimits>;
}

export interface Listening {
  /** Without a path, such as `http://127.0.0.1:8000`; `http://localhost` on a unix socket. */
  readonly url: string;
  /** 0 on a unix socket. */
  readonly port: number;
  /** Path of the unix socket. */
  readonly socket?: string;
  /**
   * Refuses new calls and gives running ones `grace` milliseconds (default: that of the plan); probes are answered until
   * then. After that it takes no more connections, and closes the runtime. Called again meanwhile, it ends the wait.
   */
  close(grace?: number): Promise<void>;
}

/**
 * Opens the port. Start the runtime afterwards: probes are answered from the first moment, and a taken port is found
 * before any server was started.
 * @throws API_OPEN_BIND, API_HOSTS_MISSING, API_PORT_IN_USE, API_PORT_DENIED, API_ADDRESS_UNAVAILABLE, API_SOCKET_*
 */
export async function listen(runtime: Runtime, options: ListenOptions): Promise<Listening> {
  const { limits = defaultServerLimits, endpointLimits, socket } = options;
  const address = socket === undefined ? bindAddress(options.host, runtime.plan) : undefined;
  const isExposed = address !== undefined && !isLoopback(address);
  const api = createApi({ runtime, isExposed, ...(endpointLimits && { endpointLimits }) });
  const server = createLimitedServer(limits);
  const connections = trackConnections(server);
  answerWith(server, api);
  let place: Omit<Listening, 'close'>;
  try {
    place = await bind(server, address, options);
  } catch (error) {
    await api.close(0);
    throw error;
  }
  reportTrouble(server, runtime);
  return { ...place, close: createClose({ runtime, connections, api }) };
}

async function bind(
  server: Server,
  address: string | undefined,
  { port: wanted, fallback, socket = '' }: ListenOptions,
): Promise<Omit<Listening, 'close'>> {
  if (address === undefined) {
    await bindSocket(server, socket);
    return { url: 'http://localhost', port: 0, socket };
  }
  const port = await bindPort(server, { address, port: wanted, attempts: fallback ? 21 : 1 });
  return { url: `http://${urlHost(address)}:${port}`, port };
}

function createLimitedServer(limits: ServerLimits): Server {
  const server = createServer({
    headersTimeout: limits.headersTimeout,
    // Until the request has arrived as a whole; how long its answer takes is the endpoint's business.
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    maxHeaderSize: limits.headerBytes,
    connectionsCheckingInterval: limits.checkInterval,
    shouldUpgradeCallback: wantsWebSocket,
  });
  server.maxConnections = limits.connections;
  return server;
}

function answerWith(server: Server, api: Api): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void api.answer(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void api.upgrade(request, socket, head);
  });
}

/** Says that connections are refused, but not once for each: whoever floods us must not flood the log too. */
function reportTrouble(server: Server, { log, clock }: Runtime): void {
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
}

/** Milliseconds that the last answers have at least to reach their clients. */
const FLUSH_TIME = 1_000;

function createClose({ runtime, connections, api }: Closable): Listening['close'] {
  const { clock } = runtime;
  /** Resolves a moment after somebody asked a second time. */
  const rushed = Promise.withResolvers<void>();
  let closing: Promise<void> | undefined;

  async function closeAll(grace: number): Promise<void> {
    const deadline = clock.now() + grace;
    connections.thin();
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
