import { conformanceServer, chaosServer, temporaryDirectory } from '@hostler/test-kit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { clientKinds } from './clients.ts';
import type { InteropClient } from './clients.ts';

type Entry = Readonly<Record<string, unknown>>;

/** A configuration file with these servers. */
function configOf(servers: Readonly<Record<string, object>>, more: Entry = {}): string {
  // Not the folder of the file, which is gone when they start.
  const placed = Object.entries(servers).map(([name, server]) => [name, { ...server, cwd: process.cwd() }]);
  return JSON.stringify({ servers: Object.fromEntries(placed), log: { level: 'warn' }, ...more });
}

async function result(client: InteropClient, method: string, params: Entry = {}): Promise<Entry> {
  const answer = await client.request(method, params);
  if ('error' in answer) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}

async function listAll(client: InteropClient, method: string, member: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  let cursor: unknown;
  do {
    const page = await result(client, method, cursor === undefined ? {} : { cursor });
    entries.push(...(page[member] as Entry[]));
    cursor = page['nextCursor'];
  } while (cursor !== undefined);
  return entries;
}

const connect = async (url: string, kind: (typeof clientKinds)[number]): Promise<InteropClient> => {
  const client = await kind.toUrl(url);
  onTestFinished(() => client.close());
  return client;
};

describe.each(clientKinds)('two servers with the same URIs, to $name', (kind) => {
  let served: Served;

  beforeAll(async () => {
    served = await servePlan([], {
      config: configOf({
        first: conformanceServer('--stdio', '--era', 'legacy'),
        second: conformanceServer('--stdio', '--era', 'modern'),
      }),
    });
  });
  afterAll(() => served?.close());

  const qualified = (uri: string): string => `hostler://second/${uri}`;

  it('lists and reads every resource of both', async () => {
    const client = await connect(`${served.url}/mcp`, kind);
    const uris = (await listAll(client, 'resources/list', 'resources')).map(({ uri }) => uri as string);
    const plain = uris.filter((uri) => !uri.startsWith('hostler://'));
    expect(plain).toContain('test://static-text');
    expect(uris).toEqual([...plain, ...plain.map(qualified)]);
    for (const uri of ['test://static-text', qualified('test://static-text')]) {
      const { contents } = await result(client, 'resources/read', { uri });
      expect(contents).toEqual([
        { uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
      ]);
    }
  });

  it('reads what a template of either gives, and completes for it', async () => {
    const client = await connect(`${served.url}/mcp`, kind);
    const templates = await listAll(client, 'resources/templates/list', 'resourceTemplates');
    const raw = 'test://template/{id}/data';
    expect(templates.map(({ uriTemplate }) => uriTemplate)).toEqual([raw, qualified(raw)]);
    for (const template of [raw, qualified(raw)]) {
      const uri = template.replace('{id}', '42');
      expect(await result(client, 'resources/read', { uri })).toMatchObject({ contents: [{ uri }] });
      const ref = { type: 'ref/resource', uri: template };
      const argument = { name: 'id', value: '12' };
      expect(await result(client, 'completion/complete', { ref, argument })).toMatchObject({ completion: {} });
    }
  });

  it('links to resources by URIs that lead back, those of no list too, and gets them back in arguments', async () => {
    const client = await connect(`${served.url}/mcp`, kind);
    for (const server of ['first', 'second']) {
      const { content } = await result(client, 'tools/call', {
        name: `${server}__test_embedded_resource`,
        arguments: {},
      });
      expect(content).toEqual([
        {
          type: 'resource',
          resource: {
            uri: `hostler://${server}/test://embedded-resource`,
            mimeType: 'text/plain',
            text: 'This is an embedded resource content.',
          },
        },
      ]);
    }
    const { messages } = await result(client, 'prompts/get', {
      name: 'second__test_prompt_with_embedded_resource',
      arguments: { resourceUri: qualified('test://static-text') },
    });
    expect((messages as Entry[])[0]).toMatchObject({
      content: { type: 'resource', resource: { uri: qualified('test://static-text') } },
    });
  });

  it('leaves each alone under its own URIs', async () => {
    for (const server of ['first', 'second']) {
      const client = await connect(`${served.url}/servers/${server}/mcp`, kind);
      const { contents } = await result(client, 'resources/read', { uri: 'test://static-text' });
      expect(contents).toMatchObject([{ uri: 'test://static-text' }]);
    }
  });
});

describe('what the configuration says of a server', () => {
  it.each(clientKinds)('holds at both addresses for $name', async (kind) => {
    const served = await servePlan([], {
      config: configOf({
        git: {
          ...conformanceServer('--stdio'),
          exclude: ['test_error_handling', 'prompt:*'],
          tools: {
            test_mirrored_header: { name: 'nearby', title: 'Nearby', arguments: { region: { pin: 'fixed' } } },
          },
        },
      }),
    });
    onTestFinished(() => served.close());
    for (const [path, prefix] of [
      ['/mcp', 'git__'],
      ['/servers/git/mcp', ''],
    ] as const) {
      const client = await connect(`${served.url}${path}`, kind);
      const tools = await listAll(client, 'tools/list', 'tools');
      const names = tools.map(({ name }) => name);
      expect(names).toContain(`${prefix}nearby`);
      expect(names).not.toContain(`${prefix}test_mirrored_header`);
      expect(names).not.toContain(`${prefix}test_error_handling`);
      const { inputSchema } = tools.find(({ name }) => name === `${prefix}nearby`) ?? {};
      expect((inputSchema as { properties: object }).properties).not.toHaveProperty('region');
      const call = (name: string, args: Entry) =>
        client.request('tools/call', { name: `${prefix}${name}`, arguments: args });
      expect(JSON.stringify(await call('nearby', {}))).toContain('fixed');
      expect(await call('nearby', { region: 'mine' })).toMatchObject({ error: { code: -32602 } });
      expect(await call('test_mirrored_header', {})).toMatchObject({ error: { code: -32602 } });
      expect(await call('test_error_handling', {})).toMatchObject({ error: { code: -32602 } });
      expect(await listAll(client, 'prompts/list', 'prompts')).toEqual([]);
    }
  });
});

describe('three servers with 2,500 tools each', () => {
  /** Fails to start when its environment says so, which no digest of its settings sees. */
  const server = (isAbsent: boolean) => {
    const { command, args } = chaosServer('--tools=2500', '--pages=7');
    const script = 'test -n "$ABSENT" && exit 7; exec "$@"';
    return { command: 'sh', args: ['-c', script, 'sh', command, ...args], env: { ABSENT: isAbsent ? 'yes' : '' } };
  };

  it('arrive whole through every client, in one order, and across a restart without one of them', async () => {
    await using state = await temporaryDirectory();
    const config = (absent?: string): string =>
      configOf(Object.fromEntries(['a', 'b', 'c'].map((name) => [name, server(name === absent)])), {
        state: { directory: state.path },
      });
    const namesFrom = async (served: Served): Promise<string[][]> => {
      const lists: string[][] = [];
      for (const kind of clientKinds) {
        const client = await connect(`${served.url}/mcp`, kind);
        lists.push(
          (await listAll(client, 'tools/list', 'tools')).map(({ name, _meta }) => `${String(name)}${staleMark(_meta)}`),
        );
      }
      return lists;
    };

    const before = await servePlan([], { config: config() });
    const lists = await namesFrom(before).finally(() => before.close());
    const [names = []] = lists;
    for (const list of lists) expect(list).toEqual(names);
    expect(new Set(names).size).toBe(names.length);
    for (const name of ['a', 'b', 'c']) {
      const own = names.filter((tool) => tool.startsWith(`${name}__`));
      expect(own.filter((tool) => tool.includes('__tool-'))).toHaveLength(2_500);
      expect(own.length).toBe(names.length / 3);
    }

    const after = await servePlan([], { config: config('b') });
    const again = await namesFrom(after).finally(() => after.close());
    const marked = names.map((name) => (name.startsWith('b__') ? `${name} stale` : name));
    for (const list of again) expect(list).toEqual(marked);
  });
});

function staleMark(meta: unknown): string {
  return (meta as Entry | undefined)?.['hostler/stale'] === true ? ' stale' : '';
}
