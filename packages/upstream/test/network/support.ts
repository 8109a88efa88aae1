import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { WebSocketServer } from 'ws';

export interface Served extends AsyncDisposable {
  readonly port: number;
  readonly requests: IncomingMessage[];
}

export interface ServeOptions {
  readonly tls?: TlsOptions;
  /** A unix socket instead of a port. */
  readonly path?: string;
}

/** One legacy MCP server over Streamable HTTP at `/mcp`, HTTP+SSE at `/sse` and WebSocket, by JSON alone. */
export async function serveMcp({ tls, path }: ServeOptions = {}): Promise<Served> {
  const requests: IncomingMessage[] = [];
  let stream: ServerResponse | undefined;
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(request);
    if (request.method === 'GET' && request.url === '/sse') {
      stream = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: endpoint\ndata: /messages\n\n');
      return;
    }
    if (request.method !== 'POST' || request.url === '/sse') return void response.writeHead(405).end();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = answerTo(Buffer.concat(chunks).toString());
      if (request.url === '/messages') {
        response.writeHead(202).end();
        if (answer !== undefined) stream?.write(`data: ${answer}\n\n`);
      } else if (answer === undefined) response.writeHead(202).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    });
  };
  const server = tls === undefined ? createHttpServer(onRequest) : createHttpsServer(tls, onRequest);
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => open.add(socket));
  server.on('tlsClientError', () => {});
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'mcp' });
  server.on('upgrade', (request: IncomingMessage, tcp: Socket, head: Buffer) => {
    requests.push(request);
    sockets.handleUpgrade(request, tcp, head, (socket) => {
      socket.on('error', () => {});
      socket.on('message', (data: Buffer) => {
        const answer = answerTo(data.toString());
        if (answer !== undefined) socket.send(answer);
      });
    });
  });
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(path, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerTo(text: string): string | undefined {
  const { id, method, params } = JSON.parse(text) as { id?: unknown; method?: string; params?: object };
  if (id === undefined) return undefined;
  if (method === 'server/discover') {
    return JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } });
  }
  const serverInfo = { name: 'netted', version: '1' };
  const opened = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo };
  return JSON.stringify({ jsonrpc: '2.0', id, result: method === 'initialize' ? opened : { echoed: params } });
}

export interface TestProxy extends AsyncDisposable {
  readonly url: string;
  /** What it was asked: method, target, and the credentials it was given. */
  readonly asked: { readonly method: string; readonly target: string; readonly authorization: string | undefined }[];
}

export interface ProxyScript {
  /** What it says instead of doing it. */
  readonly refuse?: number;
}

/** An HTTP proxy that writes down what it is asked. Every name leads to this machine. */
export async function serveProxy({ refuse }: ProxyScript = {}): Promise<TestProxy> {
  const asked: TestProxy['asked'] = [];
  const open = new Set<Socket>();
  const server = createHttpServer((request, response) => {
    note(request);
    if (refuse !== undefined) return void response.writeHead(refuse).end();
    const { port, pathname, search } = new URL(request.url ?? '');
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = connect(Number(port), '127.0.0.1');
    onward.on('error', () => response.destroy());
    onward.write(`${request.method} ${pathname}${search} HTTP/1.1\r\nconnection: close\r\n`);
    for (const [name, value] of Object.entries(headers)) {
      if (name !== 'connection') onward.write(`${name}: ${String(value)}\r\n`);
    }
    onward.write('\r\n');
    request.pipe(onward, { end: false });
    onward.pipe(response.socket as Socket);
  });
  server.on('connection', (socket) => open.add(socket));
  server.on('connect', (request, socket: Socket, head: Buffer) => {
    note(request);
    socket.on('error', () => {});
    if (refuse !== undefined) return void socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
    const onward = connect(Number((request.url ?? '').split(':').at(-1)), '127.0.0.1');
    onward.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.write(head);
    onward.pipe(socket).pipe(onward);
  });
  function note({ method = '', url = '', headers }: IncomingMessage): void {
    asked.push({ method, target: url, authorization: headers['proxy-authorization'] });
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
