import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { answerBasics, isModernRequest } from './basic-results.ts';
import type { JsonObject, Request } from './call.ts';
import { createCatalog } from './catalog.ts';
import type { Catalog } from './catalog.ts';
import { faults } from './http-faults.ts';
import type { FaultContext } from './http-faults.ts';
import { recordCall } from './startup.ts';
import type { Startup } from './startup.ts';

/** What came in; `/requests` shows the last of them, so that a test can tell what a host sent, and how often. */
interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly rpc: string;
}

const maximumSeen = 1_000;

/**
 * `/<fault>` on loopback. With `?on=tools/call` only that JSON-RPC method meets the fault and all others are answered
 * properly, so that a host gets through the handshake first.
 */
export async function serveHttp(startup: Startup): Promise<string> {
  const catalog = createCatalog(startup);
  const seen: SeenRequest[] = [];
  const sessions = new Map<string, number>();

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(incoming.url ?? '/', 'http://localhost');
    const name = pathname.split('/')[1] ?? '';
    const message = parse(await readText(incoming));
    if (name === 'requests') {
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(seen));
      return;
    }
    const rpc = typeof message['method'] === 'string' ? message['method'] : '';
    seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.rawHeaders, rpc });
    if (seen.length > maximumSeen) seen.shift();
    if (rpc !== '') recordCall(startup, rpc, (message['params'] as JsonObject | undefined)?.['name']);
    const context: FaultContext = { incoming, outgoing, query, answer: answerTo(message, startup, catalog) };
    if (name === 'session-gone') serveSession(context, sessions);
    else if ((query.get('on') ?? rpc) === rpc) await meetFault(name, context);
    else await meetFault('ok-json', context);
  }

  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });
  server.listen(startup.port, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function meetFault(name: string, context: FaultContext): Promise<void> {
  const { incoming, outgoing, answer } = context;
  const fault = faults[name];
  const isFaultless = name.startsWith('ok-');
  if (fault === undefined) outgoing.writeHead(404).end();
  else if (isFaultless && incoming.method !== 'POST') outgoing.writeHead(405).end();
  else if (isFaultless && answer === '') outgoing.writeHead(202).end();
  else await fault(context);
}

/** A server that forgets: after `?after=` requests (2 without it) a session is answered with 404. */
function serveSession({ incoming, outgoing, query, answer }: FaultContext, sessions: Map<string, number>): void {
  const id = incoming.headers['mcp-session-id'];
  const json = { 'content-type': 'application/json' };
  if (incoming.method !== 'POST') {
    outgoing.writeHead(405).end();
  } else if (typeof id !== 'string') {
    const session = randomUUID();
    sessions.set(session, Number(query.get('after') ?? 2));
    outgoing.writeHead(200, { ...json, 'mcp-session-id': session }).end(answer);
  } else if (answer === '') {
    outgoing.writeHead(sessions.has(id) ? 202 : 404).end();
  } else if ((sessions.get(id) ?? 0) > 0) {
    sessions.set(id, (sessions.get(id) ?? 0) - 1);
    outgoing.writeHead(200, json).end(answer);
  } else {
    sessions.delete(id);
    const error = { code: -32_001, message: 'Session not found' };
    outgoing.writeHead(404, json).end(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
  }
}

/** The right answer to a message; empty for what is not a request. */
function answerTo(message: JsonObject, { era }: Startup, catalog: Catalog): string {
  const { id, method } = message;
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof method !== 'string') return '';
  const params = (message['params'] ?? {}) as JsonObject;
  const request: Request = { id, method, params, isModern: isModernRequest(params) };
  const answer = answerBasics(request, era, catalog) ?? { result: echo(request) };
  return JSON.stringify({ jsonrpc: '2.0', id, ...answer });
}

function echo({ params, isModern }: Request): JsonObject {
  const content = [{ type: 'text', text: JSON.stringify(params['arguments'] ?? {}) }];
  return { ...(isModern && { resultType: 'complete' }), content };
}

function parse(body: string): JsonObject {
  try {
    return JSON.parse(body) as JsonObject;
  } catch {
    return {};
  }
}
