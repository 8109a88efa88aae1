import { fileURLToPath } from 'node:url';
import type { UpstreamSpec } from '@hostler/kernel';
import { callModern, descendants } from '@hostler/test-kit';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { serveAskingHttp } from './asking-http.ts';
import type { AskingHttp } from './asking-http.ts';
import { createAskingServer } from './asking-server.ts';

type Members = Readonly<Record<string, unknown>>;

const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const servers = ['stdio', 'http', 'linked'];

/** What the client says to each kind of question. */
const answers: Readonly<Record<string, Members>> = {
  'elicitation/create': { action: 'accept', content: { name: 'Ada' } },
  'sampling/createMessage': { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'm' },
  'roots/list': { roots: [{ uri: 'file:///work', name: 'Work' }] },
};

let http: AskingHttp;
let served: Served;

beforeAll(async () => {
  http = await serveAskingHttp();
  const args = [fileURLToPath(new URL('asking-stdio.ts', import.meta.url))];
  served = await servePlan([
    spec('stdio', { kind: 'stdio', command: process.execPath, args, env: {}, cwd: process.cwd() }),
    spec('http', { kind: 'http', url: http.url, headers: {} }),
    spec('linked', { kind: 'in-process', create: createAskingServer }),
  ]);
});

afterAll(async () => {
  await served?.close();
  await http?.close();
});

function spec(name: string, transport: UpstreamSpec['transport']): UpstreamSpec {
  return { name, transport, era: 'auto', interactive: true, required: true, startTimeout: 20_000, callTimeout: 20_000 };
}

/** Both doors to one server: its own, and that of the whole host, where names say which server is meant. */
const doors = servers.flatMap((server) => [
  { server, door: `/servers/${server}/mcp`, name: (tool: string) => tool },
  { server, door: '/mcp', name: (tool: string) => `${server}__${tool}` },
]);

interface Told {
  readonly rounds: readonly (readonly string[])[];
  readonly result: Members;
}

/** Calls and answers every round of questions as a client without an SDK does. */
async function callThrough(door: string, method: string, params: Members): Promise<Told> {
  const rounds: string[][] = [];
  let more: Members = {};
  for (let id = 1; ; id++) {
    // oxlint-disable-next-line no-await-in-loop -- each round builds on the one before
    const { messages } = await callModern(served.url + door, method, { ...params, ...more }, { id, capabilities });
    const { result, error } = messages.at(-1) as { result?: Members; error?: Members };
    if (result === undefined) throw new Error(JSON.stringify(error));
    if (result['resultType'] !== 'input_required') return { rounds, result };
    const questions = result['inputRequests'] as Record<string, { method: string; params: Members }>;
    rounds.push(Object.values(questions).map((question) => question.method));
    const inputResponses = Object.fromEntries(
      Object.entries(questions).map(([key, one]) => [key, answers[one.method]]),
    );
    more = { inputResponses, ...('requestState' in result && { requestState: result['requestState'] }) };
  }
}

async function callTool(
  door: string,
  name: string,
  toolArguments: Members = {},
): Promise<Told & { readonly told: unknown }> {
  const called = await callThrough(door, 'tools/call', { name, arguments: toolArguments });
  const [first] = called.result['content'] as { text: string }[];
  return { ...called, told: JSON.parse(first!.text) as unknown };
}

describe.each(doors)('a modern client at $door, for $server', ({ door, name }) => {
  it.each([
    ['form', 'elicitation/create'],
    ['unrelated', 'elicitation/create'],
    ['sampling', 'sampling/createMessage'],
    ['roots', 'roots/list'],
  ])('answers %s', async (tool, method) => {
    expect(await callTool(door, name(tool))).toMatchObject({ rounds: [[method]], told: answers[method] });
  });

  it('visits a page', async () => {
    expect(await callTool(door, name('page'))).toMatchObject({
      rounds: [['elicitation/create']],
      told: { action: 'accept' },
    });
  });

  it('answers three questions at once', async () => {
    const { rounds, told } = await callTool(door, name('three'));
    expect(rounds.flat().toSorted()).toEqual(Object.keys(answers).toSorted());
    expect(rounds).toHaveLength(1);
    expect(told).toMatchObject(Object.values(answers));
  });

  it('answers eight rounds, and not a ninth', async () => {
    const { rounds, told } = await callTool(door, name('rounds'), { rounds: 8 });
    expect(rounds).toHaveLength(8);
    expect(told).toHaveLength(8);
    const { result } = await callThrough(door, 'tools/call', { name: name('rounds'), arguments: { rounds: 9 } });
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('8 times') as string }] });
  });

  it('is asked for a prompt', async () => {
    const { rounds, result } = await callThrough(door, 'prompts/get', { name: name('asks') });
    expect(rounds).toEqual([['elicitation/create']]);
    expect(JSON.stringify(result)).toContain('Ada');
  });

  it('with the official client', async () => {
    const client = new Client(
      { name: 'official', version: '1' },
      { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    const seen: string[] = [];
    const answer = (method: string) => () => {
      seen.push(method);
      return answers[method];
    };
    client.setRequestHandler('elicitation/create', answer('elicitation/create') as never);
    client.setRequestHandler('sampling/createMessage', answer('sampling/createMessage') as never);
    client.setRequestHandler('roots/list', answer('roots/list') as never);
    await client.connect(new StreamableHTTPClientTransport(new URL(served.url + door)));
    for (const tool of ['three', 'page', 'unrelated']) {
      // oxlint-disable-next-line no-await-in-loop -- one call after the other
      const { content } = await client.callTool({ name: name(tool), arguments: {} });
      expect(JSON.stringify(content)).toContain('accept');
    }
    expect(seen.toSorted()).toEqual([
      'elicitation/create',
      'elicitation/create',
      'elicitation/create',
      'roots/list',
      'sampling/createMessage',
    ]);
    await client.close();
  });
});

it.each(servers)('a resource of %s may ask too', async (server) => {
  const { rounds, result } = await callThrough(`/servers/${server}/mcp`, 'resources/read', { uri: 'asks://name' });
  expect(rounds).toEqual([['elicitation/create']]);
  expect(JSON.stringify(result)).toContain('Ada');
});

it.each(servers)(
  'a client of %s that has to sign in first is sent to the page, and then calls anew',
  async (server) => {
    const { rounds, told } = await callTool(`/servers/${server}/mcp`, 'sign-in');
    expect(rounds).toEqual([['elicitation/create']]);
    expect(told).toBe('signed in');
  },
);

it('many calls at a time to one stdio server: each gets an answer of its own', async () => {
  const calls = Array.from({ length: 12 }, () => callTool('/servers/stdio/mcp', 'form'));
  for (const { told } of await Promise.all(calls)) expect(told).toEqual(answers['elicitation/create']);
});

it('a host that closes leaves nothing of a parked call', async () => {
  const before = descendants(process.pid);
  const args = [fileURLToPath(new URL('asking-stdio.ts', import.meta.url))];
  const stdio = { kind: 'stdio', command: process.execPath, args, env: {}, cwd: process.cwd() } as const;
  const closing = await servePlan([spec('stdio', stdio), spec('http', { kind: 'http', url: http.url, headers: {} })]);
  for (const server of ['stdio', 'http']) {
    const url = `${closing.url}/servers/${server}/mcp`;
    // oxlint-disable-next-line no-await-in-loop -- one call after the other
    const { messages } = await callModern(url, 'tools/call', { name: 'form', arguments: {} }, { capabilities });
    expect(messages.at(-1)?.result).toMatchObject({ resultType: 'input_required' });
  }
  expect(descendants(process.pid).length).toBeGreaterThan(before.length);
  const begun = performance.now();
  await closing.close();
  // Nobody waits for the person: a grace period would be the sign of it.
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(descendants(process.pid)).toEqual(before);
});
