import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { GcpListener, GcpListenOptions } from './gcp-grpc-server.ts';
import { CODES } from './gcp-secret-store.ts';
import type { GcpAnswer, GcpSecretStore } from './gcp-secret-store.ts';

/** Speaks REST as the service does. */
export async function listenRest(store: GcpSecretStore, options: GcpListenOptions): Promise<GcpListener> {
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const [, name] = /^\/v1\/([^?]+):access(?:\?|$)/.exec(request.url ?? '') ?? [];
    if (request.method !== 'GET' || name === undefined) return void response.writeHead(404).end('Not Found');
    const { authorization } = request.headers;
    store
      .access({ transport: 'rest', name: decodeURIComponent(name), authorization }, gone.signal)
      .then((answer) => send(response, answer))
      .catch(() => undefined);
  };
  const server = options.tls === undefined ? createServer(serve) : createSecureServer(options.tls, serve);
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function send(response: ServerResponse, answer: GcpAnswer): void {
  if (answer.kind === 'garbage') return void response.writeHead(200).end(Buffer.from(answer.data).toString('base64'));
  if (answer.kind === 'proxy-page') return void response.writeHead(404).end('<html>No such site</html>');
  if (answer.kind === 'error') return sendError(response, answer);
  if (answer.kind === 'cut') {
    response.writeHead(200, { 'content-length': 1_000 }).write('{"name":"projects/');
    response.socket?.destroySoon();
    return;
  }
  const { name, data, checksum } = answer;
  const payload = data && {
    data: Buffer.from(data).toString('base64'),
    ...(checksum !== undefined && { dataCrc32c: String(checksum) }),
  };
  sendJson(response, 200, { name, ...(payload && { payload }) });
}

function sendError(response: ServerResponse, { status, message, reason }: Extract<GcpAnswer, { kind: 'error' }>): void {
  const [, http] = CODES[status];
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' };
  sendJson(response, http, { error: { code: http, message, status, ...(reason && { details: [info] }) } });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body));
}
