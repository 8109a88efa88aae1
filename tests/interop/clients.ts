import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { InteropUpstream } from './upstreams.ts';

/** One official client, connected: raw results, or the error it got. */
export interface InteropClient {
  request(method: string, params: Record<string, unknown>): Promise<Answer>;
  capabilities(): unknown;
  close(): Promise<void>;
}

export type Answer =
  | { readonly result: Record<string, unknown> }
  | { readonly error: { code: unknown; message: string } };

export interface ClientKind {
  readonly name: string;
  /** Whether it speaks the modern era to a server that does. */
  readonly modern: boolean;
  toDirect(upstream: InteropUpstream): Promise<InteropClient>;
  toUrl(url: string): Promise<InteropClient>;
}

const info = { name: 'interop', version: '1.0.0' };

/** Takes any result as it came. */
const asItCame = {
  '~standard': { version: 1, vendor: 'hostler', validate: (value: unknown) => ({ value }) },
} as const;

async function answer(request: () => Promise<unknown>): Promise<Answer> {
  try {
    return { result: (await request()) as Record<string, unknown> };
  } catch (error) {
    const { code, message } = error as { code: unknown; message: string };
    return { error: { code, message } };
  }
}

async function connectV1(transport: unknown): Promise<InteropClient> {
  const client = new ClientV1(info);
  await client.connect(transport as never);
  return {
    request: (method, params) => answer(() => client.request({ method, params } as never, ResultSchema)),
    capabilities: () => client.getServerCapabilities(),
    close: () => client.close(),
  };
}

async function connectV2(transport: unknown, mode: 'legacy' | 'auto' | { pin: string }): Promise<InteropClient> {
  const client = new ClientV2(info, { versionNegotiation: { mode } });
  await client.connect(transport as never);
  return {
    request: (method, params) => answer(() => client.request({ method, params }, asItCame as never)),
    capabilities: () => client.getServerCapabilities(),
    close: () => client.close(),
  };
}

function direct(
  upstream: InteropUpstream,
  Stdio: typeof StdioV1 | typeof StdioV2,
  Http: typeof HttpV1 | typeof HttpV2,
): Promise<unknown> {
  const { direct: way } = upstream;
  if (way.kind === 'linked') return way.connect();
  if (way.kind === 'http') return Promise.resolve(new Http(new URL(way.url)));
  const { command, args, env } = way;
  return Promise.resolve(
    new Stdio({ command, args, env: { PATH: process.env['PATH'] ?? '', ...env }, stderr: 'ignore' }),
  );
}

export const clientKinds: readonly ClientKind[] = [
  {
    name: 'v1 SDK client',
    modern: false,
    toDirect: async (upstream) => connectV1(await direct(upstream, StdioV1, HttpV1)),
    toUrl: (url) => connectV1(new HttpV1(new URL(url))),
  },
  {
    name: 'v2 SDK client, legacy era',
    modern: false,
    toDirect: async (upstream) => connectV2(await direct(upstream, StdioV2, HttpV2), 'legacy'),
    toUrl: (url) => connectV2(new HttpV2(new URL(url)), 'legacy'),
  },
  {
    name: 'v2 SDK client, modern era',
    modern: true,
    // These servers are of the legacy era: a direct connection speaks that, and must give the same.
    toDirect: async (upstream) => connectV2(await direct(upstream, StdioV2, HttpV2), 'legacy'),
    toUrl: (url) => connectV2(new HttpV2(new URL(url)), { pin: '2026-07-28' }),
  },
];
