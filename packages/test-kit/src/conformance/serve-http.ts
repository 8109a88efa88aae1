import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  isLegacyRequest,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
} from '@modelcontextprotocol/server';
import { buildLastingServer, buildServer } from './build-server.ts';
import type { Era, Fixture } from './fixture.ts';
import { createLegacySessions } from './legacy-sessions.ts';
import { createWebListener } from './web-listener.ts';
import type { Fetch } from './web-listener.ts';

/** Listens on loopback and resolves with the URL of the MCP endpoint. */
export async function serveHttp(fixture: Fixture, era: Era | 'dual', port: number): Promise<string> {
  const endpoint = endpointFor(fixture, era);
  const server = createWebListener(async (request) => {
    const refused =
      hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
      originValidationResponse(request, localhostAllowedOrigins());
    if (refused !== undefined) return refused;
    return new URL(request.url).pathname === '/mcp' ? endpoint(request) : new Response(null, { status: 404 });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

function endpointFor(fixture: Fixture, era: Era | 'dual'): Fetch {
  const legacy = createLegacySessions(() => buildLastingServer(fixture, 'legacy'));
  if (era === 'legacy') return legacy;
  const modern = createMcpHandler(() => buildServer(fixture, 'modern'), {
    legacy: 'reject',
    bus: fixture.changes,
  }).fetch;
  if (era === 'modern') return modern;
  return async (request) => ((await isLegacyRequest(request)) ? legacy(request) : modern(request));
}
