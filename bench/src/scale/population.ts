import { createHash } from 'node:crypto';

/** Who is configured: `servers` × tools, and consumers with a view each. */
export interface Population {
  readonly servers: number;
  /** Those with a view, beside the one that sees everything. */
  readonly consumers: number;
  readonly era: 'legacy' | 'modern';
}

/** Servers that one of several consumers sees; one alone sees all. Of each it sees 50 tools. */
const SERVERS_OF_EACH = 4;
const TENS = ['', '1', '2', '3', '4'];

/** The key of a consumer: the bench needs it on both sides, and it opens nothing but a host of its own. */
export function keyOf(consumer: string): string {
  return `bench-${createHash('sha256').update(consumer).digest('hex')}`;
}

/** The one that sees everything. */
export const EVERYTHING = 'everything';

export function consumerName(index: number): string {
  return `consumer-${index}`;
}

/** The servers that a consumer sees, by number: each of several sees others. */
export function serversOf({ servers, consumers }: Population, index: number): number[] {
  if (consumers === 1) return Array.from({ length: servers }, (_, server) => server);
  return Array.from({ length: Math.min(SERVERS_OF_EACH, servers) }, (_, step) => (index + step * 7) % servers);
}

/** What a client calls the tool of a server that every view shows. */
export function toolName(server: number): string {
  return `s${server}__tool_7`;
}

export function configurationOf(population: Population, url: string): string {
  const { servers, consumers, era } = population;
  const serverEntries = Array.from({ length: servers }, (_, index) => [
    `s${index}`,
    { url: `${url}/${era}/${index}/mcp`, era },
  ]);
  const consumerEntries = Array.from({ length: consumers }, (_, index) => [
    consumerName(index),
    {
      keys: [{ hash: hashOf(consumerName(index)) }],
      servers: serversOf(population, index).map((server) => `s${server}`),
      allow: TENS.map((ten) => `tool:*/tool_${ten}?`),
      limits: { calls: '9999999/s', concurrent: 1000 },
    },
  ]);
  const everything = [EVERYTHING, { keys: [{ hash: hashOf(EVERYTHING) }] }];
  return JSON.stringify({
    servers: Object.fromEntries(serverEntries),
    consumers: Object.fromEntries([...consumerEntries, everything]),
  });
}

function hashOf(consumer: string): string {
  return `sha256:${createHash('sha256').update(keyOf(consumer)).digest('hex')}`;
}
