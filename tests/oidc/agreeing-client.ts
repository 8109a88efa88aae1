import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { readThrough } from './browser.ts';

/** An official client whose user opens every page that it is asked to, and goes through it to the end. */
export interface AgreeingClient extends AsyncDisposable {
  /** The first text of the result. */
  call(name: string, parameters?: Record<string, unknown>): Promise<string>;
  toolNames(): Promise<readonly string[]>;
  /** The pages that its user was sent to. */
  readonly pages: readonly string[];
}

export interface AgreeingKind {
  readonly name: string;
  connect(url: string, key: string): Promise<AgreeingClient>;
}

const info = { name: 'interop', version: '1.0.0' };
const capabilities = { elicitation: { url: {} } };

async function goThrough(page: string): Promise<void> {
  const text = await readThrough(page);
  if (!text.includes('The server can be used now')) throw new Error(text);
}

const v2 = (mode: 'legacy' | { pin: string }): AgreeingKind['connect'] => {
  return async (url, key) => {
    const pages: string[] = [];
    const client = new ClientV2(info, { versionNegotiation: { mode }, capabilities });
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      if (params.mode !== 'url') return { action: 'decline' };
      pages.push(params.url);
      await goThrough(params.url);
      return { action: 'accept' };
    });
    const headers = { authorization: `Bearer ${key}` };
    await client.connect(new HttpV2(new URL(url), { requestInit: { headers } }));
    return {
      pages,
      call: async (name, parameters = {}) => firstText(await client.callTool({ name, arguments: parameters })),
      toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
      [Symbol.asyncDispose]: () => client.close(),
    };
  };
};

function firstText(result: object): string {
  return (result as { readonly content?: readonly { readonly text?: string }[] }).content?.[0]?.text ?? '';
}

export const modernClient: AgreeingKind = { name: 'v2, modern era', connect: v2({ pin: '2026-07-28' }) };

export const agreeingKinds: readonly AgreeingKind[] = [
  modernClient,
  { name: 'v2, legacy era', connect: v2('legacy') },
  {
    name: 'v1',
    async connect(url, key) {
      const pages: string[] = [];
      const client = new ClientV1(info, { capabilities });
      client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
        if (params.mode !== 'url') return { action: 'decline' };
        pages.push(params.url);
        await goThrough(params.url);
        return { action: 'accept' };
      });
      const headers = { authorization: `Bearer ${key}` };
      await client.connect(new HttpV1(new URL(url), { requestInit: { headers } }) as never);
      return {
        pages,
        call: async (name, parameters = {}) => firstText(await client.callTool({ name, arguments: parameters })),
        toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
        [Symbol.asyncDispose]: () => client.close(),
      };
    },
  },
];
