import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { exchange, initializeRequest, modernHeaders, modernRequest } from '@hostler/test-kit';
import type { HttpAnswer, WireMessage } from '@hostler/test-kit';
import type { Headers } from './guarded-host.ts';

/** One request that only a consumer may send. */
export interface Door {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Whether clients of MCP come here: they are answered in JSON-RPC. */
  readonly isMcp: boolean;
  readonly headers: Headers;
  readonly body?: unknown;
}

/** Streamable HTTP, as each revision of the legacy era has it. */
const LEGACY = ['2025-03-26', '2025-06-18', '2025-11-25'] as const;

/** The whole host, a server, a bundle; and two that are not there. */
export const PLACES = ['', '/servers/one', '/bundles/pair', '/servers/six', '/bundles/none'] as const;

const CALL: WireMessage = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'two__yes', arguments: {} } };
const ACCEPT = { accept: 'application/json, text/event-stream' };
const STREAM = { accept: 'text/event-stream' };
const UPGRADE: Headers = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  'sec-websocket-protocol': 'mcp',
};

/** Every way into MCP at one place: each transport, and each revision where it shows outside of the body. */
export function mcpDoors(place: string): readonly Door[] {
  const door = (name: string, method: string, face: string, rest: Partial<Door> = {}): Door => ({
    name: `${name} at ${place}/${face}`,
    method,
    path: `${place}/${face}`,
    isMcp: true,
    headers: ACCEPT,
    ...rest,
  });
  const legacy = LEGACY.flatMap((version) => {
    const session = { 'mcp-protocol-version': version, 'mcp-session-id': 'A'.repeat(43) };
    return [
      door(`${version} opening`, 'POST', 'mcp', { body: initializeRequest(1, { version }) }),
      door(`${version} call`, 'POST', 'mcp', { headers: { ...ACCEPT, ...session }, body: CALL }),
      door(`${version} stream`, 'GET', 'mcp', { headers: { ...STREAM, ...session } }),
      door(`${version} end`, 'DELETE', 'mcp', { headers: session }),
    ];
  });
  const modern = [
    modernRequest(1, 'server/discover'),
    modernRequest(1, 'tools/list'),
    modernRequest(1, 'tools/call', { name: 'two__yes', arguments: {} }),
    modernRequest(1, 'subscriptions/listen', { notifications: { toolsListChanged: true } }),
  ].map((body) =>
    door(`2026-07-28 ${body.method}`, 'POST', 'mcp', { headers: { ...ACCEPT, ...modernHeaders(body) }, body }),
  );
  return [
    ...legacy,
    ...modern,
    door('2024-11-05 stream', 'GET', 'sse', { headers: STREAM }),
    door('2024-11-05 message', 'POST', 'messages', { body: CALL }),
    door('WebSocket', 'GET', 'ws', { headers: UPGRADE }),
  ];
}

/** The paths of HTTP that are no MCP, as the description of the interface has them, and beside them what is not there. */
export function plainDoors(operations: readonly (readonly [method: string, path: string])[]): readonly Door[] {
  const others: typeof operations = [
    ['GET', '/metrics'],
    ['GET', '/v1/nothing'],
    ['GET', '/nothing'],
  ];
  return [...operations, ...others].map(([method, path]) => ({
    name: `${method} ${path}`,
    method,
    path: path.replaceAll(/\{[^}]*\}/g, 'two__yes'),
    isMcp: false,
    headers: { accept: 'application/json' },
    ...(method !== 'GET' && method !== 'DELETE' && { body: {} }),
  }));
}

/** What strangers may ask as well. */
const OPEN = /^\/(?:livez|healthz|health|readyz|\.well-known\/.*)$/;

/** All operations that a host describes. */
export async function describedOperations(
  url: string,
  headers: Headers,
): Promise<readonly (readonly [method: string, path: string])[]> {
  const described = await exchange(`${url}/v1/openapi.json`, { headers });
  const { paths } = JSON.parse(described.text) as { readonly paths: Readonly<Record<string, object>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    OPEN.test(path) ? [] : Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
  );
}

/** Connections are kept where the host keeps them: there are thousands of requests. */
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

export type Answer = Pick<HttpAnswer, 'status' | 'headers' | 'text'>;

export async function knock(url: string, door: Door, credentials: Headers, query = ''): Promise<Answer> {
  const body = door.body === undefined ? undefined : JSON.stringify(door.body);
  const type = body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const headers = { ...type, ...door.headers, ...credentials };
  const outgoing = request(url + door.path + query, { method: door.method, headers, agent, timeout: 10_000 });
  outgoing.once('timeout', () => outgoing.destroy(new Error(`${door.name}: silent`)));
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  outgoing.on('error', () => undefined);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text: await text(incoming) };
}

/** The whole answer, without what differs from one answer to the next. */
export function plain({ status, headers, text: body }: Answer): object {
  const { date: _, 'x-request-id': __, ...others } = headers;
  return { status, headers: others, text: body.replace(/"requestId":"[0-9a-f-]{36}"/, '"requestId"') };
}
