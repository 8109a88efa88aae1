import { conformanceServer, startProcess } from '@hostler/test-kit';
import type { RunningProcess, WireMessage } from '@hostler/test-kit';
import type { UpstreamSpec } from '@hostler/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { last, openListener } from './listeners.ts';
import type { Listener } from './listeners.ts';

const servers = [
  ['stdio', 'legacy'],
  ['http', 'legacy'],
  ['stdio', 'modern'],
  ['http', 'modern'],
  ['stdio', 'dual'],
  ['http', 'dual'],
] as const;
const pairs = servers.flatMap((server) => (['legacy', 'modern'] as const).map((era) => [era, ...server] as const));
const watched = 'test://watched-resource';
const TOOLS_CHANGED = 'notifications/tools/list_changed';
const UPDATED = 'notifications/resources/updated';

const nameOf = (transport: string, era: string): string => `${transport}-${era}`;

let served: Served;
const processes: RunningProcess[] = [];

beforeAll(async () => {
  served = await servePlan(await Promise.all(servers.map(([transport, era]) => startSpec(transport, era))));
}, 120_000);

afterAll(async () => {
  await served?.close();
  await Promise.all(processes.map((running) => running.stop()));
});

async function startSpec(transport: 'stdio' | 'http', era: string): Promise<UpstreamSpec> {
  const { command, args } = conformanceServer(`--${transport}`, '--era', era);
  const common = {
    era: 'auto',
    interactive: true,
    required: false,
    startTimeout: 60_000,
    callTimeout: 30_000,
  } as const;
  const name = nameOf(transport, era);
  if (transport === 'stdio') return { ...common, name, transport: { kind: 'stdio', command, args, env: {}, cwd: '/' } };
  const running = await startProcess(command, args, { waitFor: /"url"/ });
  processes.push(running);
  const { url } = JSON.parse(running.firstLine) as { readonly url: string };
  return { ...common, name, transport: { kind: 'http', url, headers: {} } };
}

describe.each(pairs)('a %s client of a %s server of the %s era', (client, transport, era) => {
  const server = nameOf(transport, era);

  describe.each(['single', 'all'] as const)('at the %s endpoint', (endpoint) => {
    const url = (): string => `${served.url}${endpoint === 'single' ? `/servers/${server}` : ''}/mcp`;
    const tool = (name: string): string => (endpoint === 'single' ? name : `${server}__${name}`);
    // Six servers have the same resources: the first keeps its URI, the others are told apart.
    const uri = (): string => (endpoint === 'single' ? watched : `hostler://${server}/${watched}`);
    const run = (listener: Listener, name: string, options?: { logLevel: string; token?: number }) =>
      listener.call(
        'tools/call',
        {
          name: tool(name),
          arguments: {},
          ...(options?.token !== undefined && { _meta: { progressToken: options.token } }),
        },
        options,
      );

    async function tools(listener: Listener): Promise<readonly string[]> {
      const names: string[] = [];
      let cursor: unknown;
      do {
        const { result } = last(await listener.call('tools/list', cursor === undefined ? {} : { cursor }));
        names.push(...((result?.['tools'] ?? []) as { name: string }[]).map(({ name }) => name));
        cursor = result?.['nextCursor'];
      } while (cursor !== undefined);
      return names;
    }

    it('hears once of each tool that comes and goes, and then lists it or not', async () => {
      await using listener = await openListener(client, url());
      let present = await tools(listener);
      // The test before this one may have left it, for those who are served from a catalog that is read again just now.
      while (present.includes(tool('test_extra_tool'))) {
        await listener.next(TOOLS_CHANGED);
        present = await tools(listener);
      }
      const before = listener.heard.length;
      await run(listener, 'test_trigger_tool_change');
      await listener.next(TOOLS_CHANGED);
      expect(await tools(listener)).toEqual(expect.arrayContaining([tool('test_extra_tool')]));
      await run(listener, 'test_trigger_tool_change');
      await listener.next(TOOLS_CHANGED);
      expect(await tools(listener)).toEqual(present);
      // A change of another kind, so that whatever was on its way is there.
      await run(listener, 'test_trigger_prompt_change');
      await listener.next('notifications/prompts/list_changed');
      await run(listener, 'test_trigger_prompt_change');
      await listener.next('notifications/prompts/list_changed');
      expect(listener.heard.slice(before).filter(({ method }) => method === TOOLS_CHANGED)).toHaveLength(2);
    });

    it('hears once of each update of a resource, under the name that it used, and only while it wants to', async () => {
      await using other = await openListener(client, url(), [uri()]);
      await using listener = await openListener(client, url());
      await run(listener, 'test_trigger_resource_update');
      await other.next(UPDATED);
      await listener.subscribe(uri());
      await run(listener, 'test_trigger_resource_update');
      expect(await listener.next(UPDATED)).toMatchObject({ params: { uri: uri() } });
      await other.next(UPDATED);
      await listener.unsubscribe(uri());
      await run(listener, 'test_trigger_resource_update');
      expect(await other.next(UPDATED)).toMatchObject({ params: { uri: uri() } });
      await run(listener, 'test_trigger_prompt_change');
      await listener.next('notifications/prompts/list_changed');
      await run(listener, 'test_trigger_prompt_change');
      await listener.next('notifications/prompts/list_changed');
      expect(updates(listener)).toHaveLength(1);
      expect(updates(other)).toHaveLength(3);
    });

    it('gets all progress before the result, in its order', async () => {
      await using listener = await openListener(client, url());
      const messages = await run(listener, 'test_progress_burst', { logLevel: 'error', token: 7 });
      expect(messages.slice(0, -1).map(({ params }) => [params?.['progressToken'], params?.['progress']])).toEqual(
        Array.from({ length: 50 }, (_, index) => [7, index + 1]),
      );
      expect(last(messages).result).toMatchObject({ content: [{ text: 'Burst finished' }] });
    });

    it('gets logs at the level it asked for', async () => {
      await using calm = await openListener(client, url());
      await using curious = await openListener(client, url());
      const levels = async (listener: Listener, logLevel: string) =>
        logsOf(await run(listener, 'test_log_levels', { logLevel }));
      expect(await levels(calm, 'warning')).toEqual(['warning', 'error']);
      expect(await levels(curious, 'debug')).toEqual(['debug', 'info', 'warning', 'error']);
      expect(await levels(calm, 'warning')).toEqual(['warning', 'error']);
      expect([...logsOf(calm.heard), ...logsOf(curious.heard)]).toEqual([]);
    });
  });
});

function updates({ heard }: Listener): readonly WireMessage[] {
  return heard.filter(({ method }) => method === UPDATED);
}

function logsOf(messages: readonly WireMessage[]): unknown[] {
  return messages.flatMap(({ method, params }) => (method === 'notifications/message' ? [params?.['level']] : []));
}
