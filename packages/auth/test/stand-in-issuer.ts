import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';

interface SigningKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly published: JWK;
}

export interface TokenParts {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: SigningKey;
}

export async function signingKey(kid: string, algorithm = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return {
    kid,
    algorithm,
    privateKey,
    published: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' },
  };
}

/** An issuer of tokens on loopback, with real keys; what it answers can be bent. */
export class StandInIssuer implements AsyncDisposable {
  readonly #server = createServer({ keepAliveTimeout: 0 }, (request, response) =>
    this.#answer(request.url ?? '', response),
  );
  /** The paths that were asked for, in order. */
  readonly asked: string[] = [];
  keys: readonly SigningKey[] = [];
  /** What is behind a path in the place of the document that is there. */
  readonly bent = new Map<string, (response: ServerResponse) => void>();
  audience = 'https://host.example/mcp';
  /** Seconds since 1970. */
  now = 1_800_000_000;

  static async start(...keys: readonly SigningKey[]): Promise<StandInIssuer> {
    const issuer = new StandInIssuer();
    issuer.keys = keys;
    const { promise, resolve } = Promise.withResolvers<void>();
    issuer.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/realms/main`;
  }

  /** How often the keys were read. */
  get keyReads(): number {
    return this.asked.filter((path) => path === '/realms/main/keys').length;
  }

  defaultClaims(): Readonly<Record<string, unknown>> {
    return { iss: this.url, aud: this.audience, sub: 'ada', iat: this.now, exp: this.now + 600 };
  }

  async token({ claims = {}, header = {}, key = this.keys[0] }: TokenParts = {}): Promise<string> {
    if (key === undefined) throw new Error('The issuer has no keys');
    return await new SignJWT({ ...this.defaultClaims(), ...claims })
      .setProtectedHeader({ alg: key.algorithm, kid: key.kid, ...header })
      .sign(key.privateKey);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  #answer(path: string, response: ServerResponse): void {
    this.asked.push(path);
    const bent = this.bent.get(path);
    if (bent !== undefined) return bent(response);
    if (path === '/realms/main/.well-known/openid-configuration') {
      return sendJson(response, { issuer: this.url, jwks_uri: `${this.url}/keys` });
    }
    if (path === '/realms/main/keys') return sendJson(response, { keys: this.keys.map(({ published }) => published) });
    response.writeHead(404).end('nothing here');
  }
}

export function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
