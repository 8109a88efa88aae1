import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
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

const info = { name: 'interop', version: '1.0.0' };
const call = { name: 'everything__echo', arguments: { message: 'signed in' } };

interface Kind {
  readonly name: string;
  /** Connects, signs in where it is told to, connects again, lists and calls. */
  readonly run: (url: string, signingIn: SigningIn) => Promise<{ tools: string[]; result: unknown }>;
}

async function untilUnauthorized(connecting: Promise<void>): Promise<void> {
  const thrown = await connecting.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(String(thrown)).toMatch(/unauthorized/i);
}

const v2 = (mode: 'legacy' | { pin: string }): Kind['run'] => {
  return async (url, authProvider) => {
    const first = new HttpV2(new URL(url), { authProvider });
    await untilUnauthorized(new ClientV2(info, { versionNegotiation: { mode } }).connect(first));
    await first.finishAuth(authProvider.returned ?? new URLSearchParams());
    const client = new ClientV2(info, { versionNegotiation: { mode } });
    await client.connect(new HttpV2(new URL(url), { authProvider }));
    const { tools } = await client.listTools();
    const result = await client.callTool(call);
    await client.close();
    return { tools: tools.map(({ name }) => name), result };
  };
};

const kinds: readonly Kind[] = [
  {
    name: 'v1',
    async run(url, authProvider) {
      const first = new HttpV1(new URL(url), { authProvider: authProvider as never });
      await untilUnauthorized(new ClientV1(info).connect(first as never));
      await first.finishAuth(authProvider.returned?.get('code') ?? '');
      const client = new ClientV1(info);
      await client.connect(new HttpV1(new URL(url), { authProvider: authProvider as never }) as never);
      const { tools } = await client.listTools();
      const result = await client.callTool(call);
      await client.close();
      return { tools: tools.map(({ name }) => name), result };
    },
  },
  { name: 'v2, legacy era', run: v2('legacy') },
  { name: 'v2, modern era', run: v2({ pin: '2026-07-28' }) },
];

describe('the official client signs in through discovery and PKCE', () => {
  it.each(kinds)('$name', async ({ run }) => {
    const signingIn = new SigningIn();
    const { tools, result } = await run(host.resource, signingIn);
    expect(tools).toEqual(['everything__echo']);
    expect(result).toMatchObject({ content: [{ type: 'text', text: 'Echo: signed in' }] });
    const asked = signingIn.asked?.searchParams;
    expect(asked?.get('code_challenge_method')).toBe('S256');
    expect(asked?.get('resource')).toBe(host.resource);
    expect(asked?.get('scope')?.split(' ')).toContain('mcp:use');
    expect(host.log()).not.toContain(signingIn.accessToken);
  });
});
