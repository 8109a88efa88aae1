import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenParts {
  readonly header?: object;
  readonly claims?: object;
  /** By whatever wants to get in, instead of the issuer. */
  readonly signature?: (input: string) => Buffer;
}

/** Issues tokens with an RSA key that it publishes, and counts whoever comes to it. */
export interface Issuer extends AsyncDisposable {
  readonly url: string;
  readonly publicKey: KeyObject;
  /** The paths that were asked for. */
  readonly asked: readonly string[];
  token(parts?: TokenParts): string;
}

export const AUDIENCE = 'https://mcp.example.com/mcp';

export const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function startIssuer(kid = 'one'): Promise<Issuer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }];
  const asked: string[] = [];
  const own = (input: string): Buffer => sign('sha256', Buffer.from(input), privateKey);
  const server = createServer({ keepAliveTimeout: 0 }, ({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    publicKey,
    asked,
    token({ header = {}, claims = {}, signature = own } = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const all = { iss: url, aud: AUDIENCE, sub: 'ann', iat: now, exp: now + 300, ...claims };
      const input = `${encode({ alg: 'RS256', kid, typ: 'at+jwt', ...header })}.${encode(all)}`;
      return `${input}.${signature(input).toString('base64url')}`;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Signed with a key that is no secret. */
export function signedWith(secret: string | Buffer): (input: string) => Buffer {
  return (input) => createHmac('sha256', secret).update(input).digest();
}

/** Who publishes it, by its name in the configuration. */
export function issuerSettings({ url }: Issuer): {
  issuer: string;
  audience: string[];
  algorithms: ['RS256'];
  jwks: string;
} {
  return { issuer: url, audience: [AUDIENCE], algorithms: ['RS256'], jwks: `${url}/jwks` };
}
