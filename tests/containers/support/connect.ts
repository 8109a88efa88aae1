import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export interface Connected {
  readonly client: Client;
  /** The text of the first block of its result. */
  readonly call: (name: string, given?: Record<string, unknown>) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** The official SDK's client, from outside of the container. */
export async function connect(base: string, key: string): Promise<Connected> {
  const client = new Client({ name: 'outside', version: '1.0.0' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL('/mcp', base), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    }),
  );
  return {
    client,
    async call(name, given = {}) {
      const { content } = await client.callTool({ name, arguments: given });
      const [block] = content as readonly { readonly text?: string }[];
      return block?.text ?? '';
    },
    close: () => client.close(),
  };
}
