import { publicName } from '@hostler/router';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Served } from '../serve.ts';
import { servePlan } from '../serve.ts';
import { clientKinds } from './clients.ts';
import type { Answer, InteropClient } from './clients.ts';
import { startUpstreams } from './upstreams.ts';
import type { InteropUpstream } from './upstreams.ts';

const names = ['everything', 'everything-http', 'filesystem', 'memory', 'in-process-v1', 'in-process-v2'];
const lists = [
  ['tools/list', 'tools'],
  ['prompts/list', 'prompts'],
  ['resources/list', 'resources'],
  ['resources/templates/list', 'resourceTemplates'],
] as const;

let upstreams: InteropUpstream[];
let served: Served;

beforeAll(async () => {
  upstreams = await startUpstreams();
  served = await servePlan(upstreams.map(({ spec }) => spec));
}, 120_000);

afterAll(async () => {
  await served?.close();
  await Promise.all((upstreams ?? []).map((upstream) => upstream.close()));
});

/** What a modern result has more than a legacy one; documented in docs/eras.md. */
function withoutAdditions(answer: Answer): unknown {
  if ('error' in answer) return answer;
  const { resultType, ttlMs, cacheScope, _meta, ...rest } = answer.result;
  const { 'io.modelcontextprotocol/serverInfo': _info, ...meta } = (_meta ?? {}) as Record<string, unknown>;
  void [resultType, ttlMs, cacheScope];
  return { result: Object.keys(meta).length === 0 ? rest : { ...rest, _meta: meta } };
}

/** What a tool says of running as a task means nothing in the other era. */
function withoutTasks(definition: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(definition).filter(([key]) => key !== 'execution'));
}

async function wholeList(
  client: InteropClient,
  method: string,
  member: string,
): Promise<Record<string, unknown>[] | undefined> {
  const entries: Record<string, unknown>[] = [];
  let cursor: string | undefined;
  do {
    const answer = await client.request(method, cursor === undefined ? {} : { cursor });
    if ('error' in answer) return undefined;
    entries.push(...(answer.result[member] as Record<string, unknown>[]));
    cursor = answer.result['nextCursor'] as string | undefined;
  } while (cursor !== undefined);
  return entries;
}

describe.each(clientKinds)('$name', (kind) => {
  describe.each(names)('with %s', (name) => {
    let upstream: InteropUpstream;
    let direct: InteropClient;
    let single: InteropClient;
    let all: InteropClient;

    beforeAll(async () => {
      upstream = upstreams.find((candidate) => candidate.name === name)!;
      [direct, single, all] = await Promise.all([
        kind.toDirect(upstream),
        kind.toUrl(`${served.url}/servers/${name}/mcp`),
        kind.toUrl(`${served.url}/mcp`),
      ]);
    });

    async function expectedList(method: string, member: string): Promise<Record<string, unknown>[] | undefined> {
      const listed = await wholeList(direct, method, member);
      return kind.modern ? listed?.map(withoutTasks) : listed;
    }

    afterAll(async () => {
      await Promise.allSettled([direct?.close(), single?.close(), all?.close()]);
    });

    it.each(lists)('gives the same %s as a direct connection', async (method, member) => {
      const expected = await expectedList(method, member);
      if (expected === undefined) return;
      expect(await wholeList(single, method, member)).toEqual(expected);
    });

    it('lists its tools and prompts in /mcp under public names, otherwise unchanged', async () => {
      for (const [method, member] of lists.slice(0, 2)) {
        const expected = await expectedList(method, member);
        const listed = await wholeList(all, method, member);
        for (const entry of expected ?? []) {
          const renamed = { ...entry, name: publicName(name, entry['name'] as string) };
          expect(listed?.find((candidate) => candidate['name'] === renamed.name)).toEqual(renamed);
        }
      }
    });

    it('gives deeply equal results as a direct connection', async () => {
      for (const [method, params] of upstream.requests) {
        const expected = withoutAdditions(await direct.request(method, params));
        expect(withoutAdditions(await single.request(method, params)), `${method} ${JSON.stringify(params)}`).toEqual(
          expected,
        );
      }
    });

    it('gives deeply equal results through /mcp, but for the URIs of resources that others have too', async () => {
      for (const [method, params] of upstream.requests) {
        const expected = withoutAdditions(await direct.request(method, params));
        const renamed = rename(name, params);
        const given = withoutAdditions(await all.request(method, renamed));
        expect(ownUris(name, given), `${method} ${JSON.stringify(renamed)}`).toEqual(expected);
      }
    });
  });
});

function rename(server: string, params: Record<string, unknown>): Record<string, unknown> {
  if (typeof params['name'] === 'string') return { ...params, name: publicName(server, params['name']) };
  if (typeof params['uri'] === 'string') return { ...params, uri: `hostler://${server}/${params['uri']}` };
  const ref = params['ref'] as { name: string };
  return { ...params, ref: { ...ref, name: publicName(server, ref.name) } };
}

/** The same with the URIs that the server itself gave. */
function ownUris(server: string, value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(`"hostler://${server}/`, '"'));
}
