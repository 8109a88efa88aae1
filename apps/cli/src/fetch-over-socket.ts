import { request } from 'node:http';

export interface SocketRequest {
  readonly method: string;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `fetch` reaches no unix socket. Rejects when nobody answers there. */
export function fetchOverSocket(socketPath: string, url: URL, options: SocketRequest): Promise<Response> {
  const { method, signal, headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { socketPath, method, headers, signal }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .once('error', reject)
        .once('end', () => {
          const status = incoming.statusCode ?? 500;
          resolve(new Response(chunks.length === 0 ? null : Buffer.concat(chunks), { status }));
        });
    });
    outgoing.once('error', reject).end(body);
  });
}
