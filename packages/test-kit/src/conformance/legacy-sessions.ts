import { randomUUID } from 'node:crypto';
import { isInitializeRequest, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { McpServer } from '@modelcontextprotocol/server';
import { createEventStore } from './event-store.ts';
import type { Fetch } from './web-listener.ts';

/** Streamable HTTP as servers up to 2025-11-25 speak it: one server object per session, streams can be resumed. */
export function createLegacySessions(build: () => McpServer): Fetch {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();

  async function open(): Promise<WebStandardStreamableHTTPServerTransport> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: createEventStore(),
      retryInterval: 100,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await build().connect(transport);
    return transport;
  }

  return async (request) => {
    const id = request.headers.get('mcp-session-id');
    if (id !== null) {
      return sessions.get(id)?.handleRequest(request) ?? refuse(404, -32_001, 'Session not found');
    }
    if (request.method !== 'POST') return refuse(400, -32_000, 'Bad Request: Mcp-Session-Id header is required');
    const body = await readJson(request.clone());
    if (!isInitializeRequest(body)) return refuse(400, -32_000, 'Bad Request: Server not initialized');
    return (await open()).handleRequest(request, { parsedBody: body });
  };
}

function refuse(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', id: null, error: { code, message } }, { status });
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined; // Not JSON is not an initialize request; the caller refuses it as such.
  }
}
