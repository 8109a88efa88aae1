import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MetadataServer extends AsyncDisposable {
  /** `host:port` */
  readonly address: string;
}

/** What a workload on Google Cloud learns from its machine: who it is, its project, and a token. */
export async function startMetadataServer(answers: {
  readonly project?: string;
  /** The token, or the status of a refusal. */
  readonly token: string | number;
}): Promise<MetadataServer> {
  const { project, token } = answers;
  const server = createServer((request, response) => {
    response.setHeader('metadata-flavor', 'Google');
    const path = request.url?.replace('/computeMetadata/v1', '').replace(/\?.*/, '');
    if (path === '/instance' || path === '/instance/') return void response.end('zone');
    if (path === '/universe/universe-domain') return void response.end('googleapis.com');
    if (path === '/project/project-id' && project !== undefined) return void response.end(project);
    if (!/\/service-accounts\/[^/]+\/token$/.test(path ?? '')) return void response.writeHead(404).end();
    if (typeof token === 'number') return void response.writeHead(token).end();
    response.setHeader('content-type', 'application/json');
    return void response.end(JSON.stringify({ access_token: token, expires_in: 3600, token_type: 'Bearer' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
