import type { ServerResponse } from 'node:http';
import { RawServer, errorOf, resultOf, sendJson } from './raw-server.ts';
import type { Received, Respond } from './raw-server.ts';

export interface LegacyScript {
  /** Answers everything but the opening and closing of the session. */
  readonly call?: Respond;
  /** Answers the GET; default 405. */
  readonly stream?: Respond;
  readonly initialize?: Respond;
  /** Asked at every `initialize`; `false` makes it fail with 500. */
  readonly opens?: () => boolean;
  readonly capabilities?: object;
  /** Whether the server keeps sessions; default true. */
  readonly sessions?: boolean;
}

/** A server of the legacy era: session ids `session-1`, `session-2` …, nothing modern. */
export async function startLegacy(script: LegacyScript = {}): Promise<RawServer & { forget(): void }> {
  let sessions = 0;
  let known: string | undefined;

  function open(received: Received, response: ServerResponse): void {
    if (script.opens?.() === false) return void response.writeHead(500).end();
    if (script.initialize) return script.initialize(received, response);
    known = `session-${++sessions}`;
    const result = {
      protocolVersion: '2025-11-25',
      capabilities: script.capabilities ?? { tools: {} },
      serverInfo: { name: 'raw', version: String(sessions) },
    };
    sendJson(response, resultOf(received, result), 200, script.sessions === false ? {} : { 'mcp-session-id': known });
  }

  const server = await RawServer.start((received, response) => {
    const { message, headers, method } = received;
    if (message.method === 'initialize') return open(received, response);
    if (message.method === 'server/discover') return sendJson(response, errorOf(received, -32000), 400);
    if (script.sessions !== false && headers['mcp-session-id'] !== known) {
      return sendJson(
        response,
        { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } },
        404,
      );
    }
    if (method === 'DELETE') return void response.writeHead(200).end();
    if (method === 'GET') return script.stream ? script.stream(received, response) : void response.writeHead(405).end();
    if (message.method === undefined || message.id === undefined) return void response.writeHead(202).end();
    if (script.call) return script.call(received, response);
    sendJson(response, resultOf(received, { echoed: message.params }));
  });
  return Object.assign(server, {
    forget() {
      known = undefined;
    },
  });
}

/** A server of the modern era that answers everything but `server/discover` as the test says. */
export function startModern(call?: Respond, capabilities: object = { tools: {} }): Promise<RawServer> {
  return RawServer.start((received, response) => {
    if (received.method !== 'POST') return void response.writeHead(405).end();
    if (received.message.method === 'server/discover') {
      return sendJson(response, resultOf(received, discovered(capabilities)));
    }
    if (call) return call(received, response);
    sendJson(response, resultOf(received, { resultType: 'complete', echoed: received.message.params }));
  });
}

export const discovered = (capabilities: object): object => ({
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities,
  ttlMs: 0,
  cacheScope: 'private',
  _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'raw', version: '1' } },
});
