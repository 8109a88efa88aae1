import { callModern } from '@hostler/test-kit';

/** Names of the tools that a modern client is told of. */
export async function listedTools(endpoint: string): Promise<readonly string[]> {
  const [answer] = (await callModern(endpoint, 'tools/list')).messages;
  const tools = (answer?.result?.['tools'] ?? []) as readonly { readonly name: string }[];
  return tools.map(({ name }) => name);
}
