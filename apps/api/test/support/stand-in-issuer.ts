import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Issues tokens and publishes its key, as an OpenID provider does. */
export interface StandInIssuer extends AsyncDisposable {
  readonly url: string;
  token(claims: object, lifetime?: number): string;
}

export async function startIssuer(): Promise<StandInIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }];
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    url,
    token(claims, lifetime = 300) {
      const now = Math.floor(Date.now() / 1_000);
      const head = part({ alg: 'ES256', kid: 'one', typ: 'at+jwt' });
      const text = `${head}.${part({ iss: url, aud: 'hostler', iat: now, exp: now + lifetime, ...claims })}`;
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
