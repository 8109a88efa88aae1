import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOpenIdProvider } from './openid-provider.ts';
import type { OpenIdProvider } from './openid-provider.ts';
import { serveSignedIn } from './signed-in-host.ts';
import type { SignedInHost } from './signed-in-host.ts';
import { SigningIn } from './signing-in.ts';

let provider: OpenIdProvider;
let host: SignedInHost;
beforeAll(async () => {
  provider = await startOpenIdProvider();
  host = await serveSignedIn(provider.issuer);
});
afterAll(async () => {
  await host?.close();
  await provider?.close();
});

/** A fresh access token for the host, through discovery, registration and PKCE. It was not shown to the host yet. */
async function freshToken(): Promise<string> {
  const authProvider = new SigningIn();
  const transport = new StreamableHTTPClientTransport(new URL(host.resource), { authProvider });
  const client = new Client({ name: 'interop', version: '1.0.0' });
  await client.connect(transport).catch(() => undefined);
  await transport.finishAuth(authProvider.returned ?? new URLSearchParams());
  return authProvider.accessToken;
}

async function statusWith(token: string): Promise<number> {
  const response = await fetch(host.resource, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Keys are not read again before. Source: docs/authentication.md. */
const COOLDOWN = 30_001;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part = ''): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;

/** The token with another header, signed by whoever wants to get in. */
function forged(token: string, header: object, signature: (input: string) => Buffer): string {
  const [head, claims = ''] = token.split('.');
  const input = `${encode({ ...decode(head), ...header })}.${claims}`;
  return `${input}.${signature(input).toString('base64url')}`;
}

describe('keys', () => {
  it('a new key is found by the first token that it signed, and the old one is good as long as it is published', async () => {
    const [seen, unseen] = [await freshToken(), await freshToken()];
    expect(await statusWith(seen)).toBe(200);
    provider.rotate(true);
    host.skip(COOLDOWN);
    const reads = provider.keyReads();
    const renewed = await freshToken();
    expect(decode(renewed.split('.')[0])['kid']).not.toBe(decode(seen.split('.')[0])['kid']);
    expect([await statusWith(renewed), await statusWith(seen), await statusWith(unseen)]).toEqual([200, 200, 200]);
    expect(provider.keyReads() - reads).toBe(1);
  });

  it('a key that is published no longer is forgotten with the next reading of keys', async () => {
    const unseen = await freshToken();
    provider.rotate(false);
    host.skip(COOLDOWN);
    expect(await statusWith(await freshToken())).toBe(200);
    expect(await statusWith(unseen)).toBe(401);
  });

  it('a flood of unknown keys has them read at most once', async () => {
    const token = await freshToken();
    expect(await statusWith(token)).toBe(200);
    host.skip(COOLDOWN);
    const reads = provider.keyReads();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const unknown = Array.from({ length: 50 }, (_, index) =>
      forged(token, { kid: `unknown-${index}` }, (input) => sign('sha256', Buffer.from(input), privateKey)),
    );
    expect(new Set(await Promise.all(unknown.map(statusWith)))).toEqual(new Set([401]));
    expect(provider.keyReads() - reads).toBe(1);
  });
});

describe('an outage of the provider', () => {
  it('known keys go on being good, and nobody new gets in', async () => {
    const [seen, unseen] = [await freshToken(), await freshToken()];
    expect(await statusWith(seen)).toBe(200);
    provider.setOutage(true);
    try {
      expect([await statusWith(seen), await statusWith(unseen)]).toEqual([200, 200]);
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const other = forged(seen, { kid: 'new' }, (input) => sign('sha256', Buffer.from(input), privateKey));
      expect([401, 503]).toContain(await statusWith(other));
      await expect(freshToken()).rejects.toThrow(/fetch|auth|metadata/i);
    } finally {
      provider.setOutage(false);
    }
    expect(await statusWith(await freshToken())).toBe(200);
  });
});

describe('algorithm confusion', () => {
  const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const byAttacker = (input: string): Buffer => sign('sha256', Buffer.from(input), attacker.privateKey);
  const hmacWith = (secret: string | Buffer) => (input: string) => createHmac('sha256', secret).update(input).digest();
  const publicKeys = (): readonly (string | Buffer)[] => {
    const key = provider.publicKey();
    return [
      key.export({ format: 'pem', type: 'spki' }),
      key.export({ format: 'pem', type: 'spki' }).toString().trim(),
      key.export({ format: 'der', type: 'spki' }),
      key.export({ format: 'pem', type: 'pkcs1' }),
      JSON.stringify(key.export({ format: 'jwk' })),
    ];
  };

  it('what is signed by the public key as if it were shared is refused', async () => {
    const token = await freshToken();
    for (const secret of publicKeys())
      expect(await statusWith(forged(token, { alg: 'HS256' }, hmacWith(secret)))).toBe(401);
    expect(await statusWith(token)).toBe(200);
  });

  it.each(['none', 'None', 'NONE', 'nOnE'])('unsigned is refused: %s', async (alg) => {
    const token = await freshToken();
    expect(await statusWith(forged(token, { alg }, () => Buffer.alloc(0)))).toBe(401);
    expect(await statusWith(forged(token, { alg }, byAttacker))).toBe(401);
  });

  it('a key that the token itself brings, or says where to find, is neither used nor fetched', async () => {
    let fetched = 0;
    const server = createServer((_request, response) => {
      fetched += 1;
      response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'mine' }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const jwk = attacker.publicKey.export({ format: 'jwk' });
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const token = await freshToken();
    try {
      for (const header of [{ jwk }, { jku: at, kid: 'mine' }, { x5u: at }, { kid: at }, { kid: '../../dev/null' }]) {
        expect(await statusWith(forged(token, header, byAttacker))).toBe(401);
      }
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    expect(fetched).toBe(0);
  });
});
