import { createServer } from 'node:http';
import { once } from 'node:events';

/**
 * The part of HashiCorp Vault that reads secrets of a KV engine, version 2, on a free port of this machine.
 * Source: developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
 */
export async function startFakeVault({ token, secrets }) {
  const versions = new Map(Object.entries(secrets).map(([path, data]) => [path, { data, version: 1 }]));
  const server = createServer((request, response) => {
    const answer = (status, body) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const path = request.url.replace('/v1/secret/data/', '');
    if (request.headers['x-vault-token'] !== token || path === 'denied')
      return answer(403, { errors: ['permission denied'] });
    if (path === 'sealed') return answer(503, { errors: ['Vault is sealed'] });
    if (path === 'hanging') return undefined;
    const found = versions.get(path);
    if (!found) return answer(404, { errors: [] });
    return answer(200, { data: { data: found.data, metadata: { version: found.version } } });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    write: (path, data) => versions.set(path, { data, version: (versions.get(path)?.version ?? 0) + 1 }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
