import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What came to the server: with which headers, and what was asked. */
export interface SeenCall {
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
}

/** A server of the legacy era that lets in whoever shows a token, and offers other tools to each of them. */
export interface PersonalUpstream extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenCall[];
}

interface Asked {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly arguments?: object };
}

/** @param userOf who shows this value of `authorization`; undefined for nobody */
export async function startPersonalUpstream(
  userOf: (authorization: string) => string | undefined,
): Promise<PersonalUpstream> {
  const seen: SeenCall[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      if (request.method !== 'POST') return response.writeHead(405).end();
      const asked = (await json(request)) as Asked;
      seen.push({ headers: request.headers, method: asked.method });
      const user = userOf(request.headers.authorization ?? '');
      if (user === undefined) return response.writeHead(401).end();
      if (asked.id === undefined) return response.writeHead(202).end();
      const answer = { jsonrpc: '2.0', id: asked.id, ...answerTo(asked, user) };
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerTo({ method, params = {} }: Asked, user: string): object {
  const inputSchema = { type: 'object' };
  switch (method) {
    case 'initialize':
      return {
        result: {
          protocolVersion: '2025-11-25',
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: `of ${user}`, version: '1' },
          instructions: `Only for ${user}.`,
        },
      };
    case 'tools/list':
      return { result: { tools: [`of_${user}`, 'whoami'].map((name) => ({ name, inputSchema })) } };
    case 'tools/call':
      return { result: { content: [], structuredContent: { user, ...params.arguments } } };
    default:
      return { error: { code: -32601, message: 'no' } };
  }
}
