import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { commonAnswer, cutWithin, errorOf, noteOf, progressOf, readLeaks, record, resultOf, said } from './leaks.ts';
import type { Leak } from './leaks.ts';

/** Servers behind HTTP: `/leaking` gives secrets away, `/denied` refuses and quotes what it was sent. */
export interface LeakingHttp extends AsyncDisposable {
  readonly url: string;
}

interface Request {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly _meta?: { readonly progressToken?: unknown } };
}

export async function startLeakingHttp(leaksFile: string, recordFile: string): Promise<LeakingHttp> {
  const server = createServer((request, response) => {
    const work = request.url === '/denied' ? deny : answer;
    work(request, response, { leaksFile, recordFile }).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Files {
  readonly leaksFile: string;
  readonly recordFile: string;
}

async function deny(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await textOf(request);
  const sent = JSON.stringify(request.headers);
  const token = String(request.headers.authorization ?? '');
  response.writeHead(401, {
    'content-type': 'application/json',
    'www-authenticate': `Bearer error="invalid_token", error_description="${token.replace(/["\\]/g, '')} is not known"`,
  });
  response.end(JSON.stringify({ error: 'invalid_token', error_description: `${token} is not known`, sent, body }));
}

async function answer(incoming: IncomingMessage, response: ServerResponse, files: Files): Promise<void> {
  const body = await textOf(incoming);
  if (incoming.method !== 'POST') return void response.writeHead(405).end();
  const request = JSON.parse(body) as Request;
  record(files.recordFile, { headers: incoming.headers, request });
  if (request.id === undefined) return void response.writeHead(202).end();
  const leaks = readLeaks(files.leaksFile);
  if (request.method === 'tools/call') return callTool(request, response, leaks);
  const result = commonAnswer(request.method, leaks);
  const error = { code: -32_601, message: 'Method not found' };
  return sendJson(response, request, result === undefined ? { error } : { result });
}

const message = (rest: object): string => JSON.stringify({ jsonrpc: '2.0', ...rest });

function sendJson(response: ServerResponse, { id }: Request, rest: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(message({ id, ...rest }));
}

async function callTool(request: Request, response: ServerResponse, leaks: readonly Leak[]): Promise<void> {
  const { id, params } = request;
  const cut = leaks.filter(({ encoding }) => encoding === 'chunks');
  const plain = { id, result: { content: [{ type: 'text', text: said(cut) }] } };
  switch (params?.name ?? '') {
    case 'say':
      return sendJson(response, request, { result: resultOf(leaks) });
    case 'fail':
      return sendJson(response, request, { result: { ...resultOf(leaks), isError: true } });
    case 'error':
      return sendJson(response, request, { error: errorOf(leaks) });
    case 'chunks':
      response.writeHead(200, { 'content-type': 'application/json' });
      await writeCut(response, message(plain), cut);
      return void response.end();
    case 'talk':
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const part of [noteOf(leaks), progressOf(leaks, params?._meta?.progressToken), plain]) {
        await writeCut(response, `data: ${message(part)}\n\n`, cut);
      }
      return void response.end();
    default:
      return sendJson(response, request, { result: { content: [{ type: 'text', text: 'done' }] } });
  }
}

/** Writes with the ends of chunks inside secrets. */
async function writeCut(response: ServerResponse, text: string, leaks: readonly Leak[]): Promise<void> {
  for (const piece of cutWithin(text, leaks)) {
    response.write(piece);
    await turn();
  }
}
