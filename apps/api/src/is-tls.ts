import type { Server } from 'node:net';
import type { Server as TlsServer, TLSSocket } from 'node:tls';

/** Whether a connection is encrypted. Not by its class: importing that takes 3 MiB, and most hosts have no TLS. */
export function isTlsSocket(connection: object): connection is TLSSocket {
  return 'encrypted' in connection && connection.encrypted === true;
}

export function isTlsServer(server: Server): server is TlsServer {
  return 'setSecureContext' in server;
}
