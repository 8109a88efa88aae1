import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface WebServer extends AsyncDisposable {
  readonly url: string;
}

/** A node:http server in front of a fetch-shaped function; a client that leaves aborts its request. */
export async function serveFetch(fetch: (request: Request) => Promise<Response>): Promise<WebServer> {
  const server = createServer((incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    void answer().catch(() => outgoing.destroy());

    async function answer(): Promise<void> {
      const method = incoming.method ?? 'GET';
      const request = new Request(`http://localhost${incoming.url ?? '/'}`, {
        method,
        headers: new Headers(Object.entries(incoming.headers) as [string, string][]),
        signal: gone.signal,
        ...(method === 'POST' && { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' }),
      });
      const response = await fetch(request);
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      if (response.body === null) return void outgoing.end();
      outgoing.flushHeaders();
      await pipeline(Readable.fromWeb(response.body), outgoing);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
