import type { Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import process from 'node:process';
import type { HostPlan } from '@hostler/config';
import type { Logger } from '@hostler/kernel';
import type { TlsMaterial } from '@hostler/runtime';
import { contextOf } from './keep-certificate.ts';
import type { ServerLimits } from './server-limits.ts';
import { wantsWebSocket } from './wants-web-socket.ts';

/**
 * A server with bounds on what a connection may cost. `import … from 'node:http'` would read every property of that module,
 * `WebSocket` among them, for which Node loads its own undici: 10 MB of memory and 20 ms of each start.
 */
export function createServer(limits: ServerLimits): Server {
  const server = process.getBuiltinModule('node:http').createServer(optionsOf(limits));
  server.maxConnections = limits.connections;
  return server;
}

export interface SecureServerOptions {
  readonly limits: ServerLimits;
  readonly log: Logger;
  readonly material: TlsMaterial;
  readonly clientCertificates: NonNullable<HostPlan['listen']['tls']>['clientCertificates'];
}

/** The same with TLS. */
export function createSecureServer({ limits, log, material, clientCertificates }: SecureServerOptions): HttpsServer {
  const server = process.getBuiltinModule('node:https').createServer({
    ...optionsOf(limits),
    ...contextOf(material),
    handshakeTimeout: limits.headersTimeout,
    requestCert: clientCertificates !== 'none',
    // Otherwise who shows none, or one of somebody else, comes in as somebody without a certificate.
    rejectUnauthorized: clientCertificates === 'required',
  });
  server.maxConnections = limits.connections;
  logHandshakes(server, log);
  return server;
}

/** Why a client is not let in, or comes in as nobody: it is told nothing of that but the end of the connection. */
function logHandshakes(server: HttpsServer, log: Logger): void {
  server.on('tlsClientError', (error: Error & { readonly code?: string }) => {
    log.debug({ reason: error.code ?? error.message }, 'a client was not let in by TLS');
  });
  server.on('secureConnection', (socket) => {
    if (socket.authorized || socket.getPeerX509Certificate() === undefined) return;
    log.debug({ reason: String(socket.authorizationError) }, 'a client certificate is not believed');
  });
}

function optionsOf(limits: ServerLimits) {
  return {
    headersTimeout: limits.headersTimeout,
    // Until the request has arrived as a whole; how long its answer takes is the endpoint's business.
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    maxHeaderSize: limits.headerBytes,
    connectionsCheckingInterval: limits.checkInterval,
    shouldUpgradeCallback: wantsWebSocket,
  };
}
