import type { GroupSpec, OfferSpec } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import type { Definition } from './definition.ts';
import { offerGroup } from './offered-group.ts';
import type { GroupOptions } from './offered-group.ts';
import { offerServer } from './offered-server.ts';
import type { OfferedServer } from './offered-server.ts';

function definition(member: 'name' | 'uri' | 'uriTemplate', key: string, from: string): Definition {
  return { key, bytes: Buffer.from(JSON.stringify({ [member]: key, description: `of ${from}` })) };
}

interface Offered {
  readonly tools?: readonly string[];
  readonly resources?: readonly string[];
  readonly templates?: readonly string[];
  readonly offer?: OfferSpec;
}

function member(server: string, { tools = [], resources = [], templates = [], offer }: Offered): OfferedServer {
  return offerServer({
    server,
    naming: 'own',
    offer,
    lists: {
      tool: tools.map((key) => definition('name', key, server)),
      prompt: [],
      resource: resources.map((key) => definition('uri', key, server)),
      template: templates.map((key) => definition('uriTemplate', key, server)),
    },
  });
}

const group: GroupSpec = {
  name: 'search',
  strategy: 'priority',
  members: ['brave', 'kagi', 'away'].map((server) => ({ server, weight: 1 })),
};

function offer(members: readonly OfferedServer[], naming: GroupOptions['naming'] = 'public') {
  return offerGroup({ group, members: new Map(members.map((offered) => [offered.server, offered])), naming });
}

describe('a group', () => {
  const brave = member('brave', { tools: ['query', 'news'], resources: ['a:1'] });
  const kagi = member('kagi', { tools: ['summary', 'query'], templates: ['a:{id}'] });

  it('has each name once, as the first member that has it defines it, with the name of the group in front', () => {
    const tools = offer([kagi, brave]).offered.entries.tool;
    expect(tools.map(({ bytes }) => JSON.parse(bytes.toString()))).toEqual([
      { name: 'search__query', description: 'of brave' },
      { name: 'search__news', description: 'of brave' },
      { name: 'search__summary', description: 'of kagi' },
    ]);
    expect(tools.every(({ server }) => server === 'search')).toBe(true);
    expect(offer([kagi, brave], 'own').offered.entries.tool.map(({ publicKey }) => publicKey)).toEqual([
      'query',
      'news',
      'summary',
    ]);
  });

  it('knows which members have a tool, in order of preference', () => {
    const offered = offer([kagi, brave]);
    const names = (key: string): string[] => offered.candidates('tool', key).map((one) => one.member.server);
    expect(names('query')).toEqual(['brave', 'kagi']);
    expect(names('summary')).toEqual(['kagi']);
    expect(names('search__query')).toEqual([]);
  });

  it('meets under the names that the configuration gives, whatever the members call the tool', () => {
    const renamed = member('kagi', { tools: ['ask'], offer: { tools: { ask: { name: 'query' } } } });
    const [first, second] = offer([brave, renamed]).candidates('tool', 'query');
    expect([first?.entry?.key, second?.entry?.key]).toEqual(['query', 'ask']);
  });

  it('finds a resource by its URI and by the templates of its members, and not at a member that excludes it', () => {
    const names = (members: readonly OfferedServer[], uri: string): string[] =>
      offer(members)
        .candidates('resource', uri)
        .map((one) => one.member.server);
    expect(names([brave, kagi], 'a:1')).toEqual(['brave', 'kagi']);
    expect(names([brave, kagi], 'a:2')).toEqual(['kagi']);
    const careful = member('kagi', { templates: ['a:{id}'], offer: { exclude: ['resource:a:2'] } });
    expect(names([brave, careful], 'a:2')).toEqual([]);
  });
});
