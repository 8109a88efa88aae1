import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toPlan } from '@hostler/config';
import type { ConfigFile } from '@hostler/config';
import { createRuntime } from '@hostler/runtime';
import type { Runtime } from '@hostler/runtime';
import { chaosServer, conformanceServer, exchange } from '@hostler/test-kit';
import { Validator } from '@seriousme/openapi-schema-validator';
import { listen } from '../src/index.ts';
import type { Listening } from '../src/index.ts';

const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
const open: { runtime: Runtime; listening: Listening }[] = [];

afterEach(async () => {
  for (const { runtime, listening } of open.splice(0)) {
    await listening.close(0);
    await runtime.close();
  }
});

type Servers = ConfigFile['servers'];

function chaos(...parameters: string[]): Servers[string] {
  const { command, args } = chaosServer(...parameters);
  return { command, args: [...args] };
}

async function serve(servers: Servers, rest: Partial<ConfigFile> = {}) {
  const plan = toPlan({ servers, log: { level: 'error' }, ...rest }, { source: '/hostler.yaml' });
  const runtime = await createRuntime({ plan, environment: process.env, logDestination: silent });
  const listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false });
  open.push({ runtime, listening });
  await runtime.start();
  return { runtime, listening, url: listening.url };
}

type Answer = { status: number; headers: Headers; body: Record<string, unknown> };

async function ask(url: string, method = 'GET', body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

describe('tools, prompts and resources over REST', () => {
  let url: string;
  let runtime: Runtime;
  beforeEach(async () => {
    const { command, args } = conformanceServer('--stdio', '--era', 'legacy');
    ({ url, runtime } = await serve({
      one: chaos(),
      full: { command, args: [...args] },
      gone: { command: '/nonexistent/program' },
    }));
  });

  it('lists, shows and calls under public names', async () => {
    const list = await ask(`${url}/v1/tools`);
    expect(list.status).toBe(200);
    expect(list.headers.get('content-type')).toBe('application/json');
    const names = (list.body['tools'] as { name: string }[]).map(({ name }) => name);
    expect(names).toContain('one__echo');
    expect((await ask(`${url}/v1/tools/one__echo`)).body).toMatchObject({ name: 'one__echo' });
    const call = await ask(`${url}/v1/tools/one__echo/call`, 'POST', { arguments: { a: 1 } });
    expect(call.body).toMatchObject({ structuredContent: { a: 1 } });
    expect(call.body).not.toHaveProperty('resultType');
    const named = { constructor: 'a', prototype: 'b' };
    const born = await ask(`${url}/v1/tools/one__echo/call`, 'POST', { arguments: named });
    expect(born.body).toMatchObject({ structuredContent: named });
    const unknown = await ask(`${url}/v1/tools/one__none`);
    expect([unknown.status, unknown.headers.get('content-type'), unknown.body['code']]).toEqual([
      404,
      'application/problem+json',
      'ROUTE_NOT_FOUND',
    ]);
  });

  it('fills in prompts and reads resources', async () => {
    const prompts = (await ask(`${url}/v1/prompts`)).body['prompts'] as { name: string }[];
    expect(prompts.length).toBeGreaterThan(0);
    const prompt = await ask(`${url}/v1/prompts/${prompts[0]?.name}/get`, 'POST', { arguments: {} });
    expect(prompt.body['messages']).toBeInstanceOf(Array);
    const resources = (await ask(`${url}/v1/resources`)).body['resources'] as { uri: string }[];
    expect(resources.length).toBeGreaterThan(0);
    const read = await ask(`${url}/v1/resources/read?uri=${encodeURIComponent(resources[0]?.uri ?? '')}`);
    expect(read.body['contents']).toMatchObject([{ uri: resources[0]?.uri }]);
    expect((await ask(`${url}/v1/resource-templates`)).body['resourceTemplates']).toBeInstanceOf(Array);
    expect((await ask(`${url}/v1/resources/read?uri=none%3A%2F%2F`)).status).toBe(404);
  });

  it('answers a failed tool with its result, and a refusal of the server with a problem', async () => {
    const names = (await ask(`${url}/v1/tools`)).body['tools'] as { name: string }[];
    expect(names.map(({ name }) => name)).toContain('full__test_error_handling');
    const failed = await ask(`${url}/v1/tools/full__test_error_handling/call`, 'POST', {});
    expect([failed.status, failed.body['isError']]).toEqual([200, true]);
    const asked = await ask(`${url}/v1/tools/full__test_elicitation/call`, 'POST', { arguments: { message: 'x' } });
    expect(asked).toMatchObject({ status: 200, body: { isError: true } });
  });

  const CALL = '/v1/tools/one__echo/call';
  it.each<[string, string, Parameters<typeof ask>]>([
    ['another media type', '415 HTTP_MEDIA_TYPE', [CALL, 'POST', {}, { 'content-type': 'text/plain' }]],
    ['an unknown member', '400 API_REQUEST_INVALID', [CALL, 'POST', { args: {} }]],
    ['arguments that are none', '400 API_REQUEST_INVALID', [CALL, 'POST', { arguments: [] }]],
    ['a list', '400 API_REQUEST_INVALID', [CALL, 'POST', []]],
    ['texts that are none', '400 API_REQUEST_INVALID', ['/v1/prompts/x/get', 'POST', { arguments: { a: 1 } }]],
    ['an unknown tool', '404 ROUTE_NOT_FOUND', ['/v1/tools/none/call', 'POST', {}]],
    ['a page of elsewhere', '403 HTTP_ORIGIN_REFUSED', [CALL, 'POST', {}, { origin: 'https://evil.example' }]],
  ])('refuses %s', async (_what, refusal, given) => {
    const [path, ...rest] = given;
    const { status, body } = await ask(url + path, ...rest);
    expect(`${status} ${String(body['code'])}`).toBe(refusal);
    expect(body['requestId']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('refuses broken JSON, a body that is too large, and a query that is not known', async () => {
    const path = '/v1/tools/one__echo/call';
    const post = (body: string) =>
      exchange(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect((await post('{"a":')).status).toBe(400);
    expect((await post(JSON.stringify({ arguments: { a: 'x'.repeat(5 * 1024 * 1024) } }))).status).toBe(413);
    const query = await ask(`${url}/v1/tools?page=2`);
    expect([query.status, query.body['problems']]).toEqual([
      400,
      [{ parameter: 'page', message: 'is not known here' }],
    ]);
    expect((await ask(`${url}/v1/tools?cursor=forged`)).status).toBe(400);
  });

  it('says what is allowed where', async () => {
    const options = await ask(`${url}/v1/tools/one__echo/call`, 'OPTIONS');
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
    const wrong = await ask(`${url}/v1/servers/one`, 'PATCH');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT, DELETE, OPTIONS']);
    const head = await ask(`${url}/v1/tools`, 'HEAD');
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect((await ask(`${url}/v1/nothing`)).status).toBe(404);
  });

  it('cancels the call of a client that leaves', async () => {
    type Stats = { structuredContent?: { tools: Record<string, number>; cancelled: unknown[] } };
    const stats = async () => {
      const { body } = await ask(`${url}/v1/tools/one__stats/call`, 'POST', {});
      return (body as Stats).structuredContent;
    };
    const controller = new AbortController();
    const call = fetch(`${url}/v1/tools/one__hang/call`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      signal: controller.signal,
    });
    call.catch(() => undefined);
    await expect.poll(stats, { timeout: 15_000 }).toMatchObject({ tools: { hang: 1 }, cancelled: [] });
    controller.abort();
    await expect.poll(stats, { timeout: 15_000 }).toMatchObject({ cancelled: [expect.anything()] });
  });

  it('tells about itself, whatever its servers do', async () => {
    const info = (await ask(`${url}/v1/info`)).body;
    expect(info).toMatchObject({ name: 'hostler', eras: ['legacy', 'modern'], counts: { servers: 3, up: 2 } });
    const schema = (await ask(`${url}/v1/schema`)).body;
    expect(schema['tools']).toMatchObject({ one__echo: { inputSchema: { type: 'object' } } });
    // Between its attempts it is down; while one runs, it starts.
    const unavailable = async () => (await ask(`${url}/v1/schema`)).body['unavailable'];
    await expect.poll(unavailable, { timeout: 15_000 }).toMatchObject([{ server: 'gone', status: 'down' }]);
    await runtime.servers.remove('one');
    await runtime.servers.remove('full');
    expect((await ask(`${url}/v1/schema`)).body).toMatchObject({ tools: {}, unavailable: [{ server: 'gone' }] });
  });

  it('describes itself in valid OpenAPI 3.1, path by path', async () => {
    const document = (await ask(`${url}/v1/openapi.json`)).body;
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const paths = document['paths'] as Record<string, Record<string, { operationId: string }>>;
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId));
    expect(new Set(operations).size).toBe(operations.length);
    for (const [path, methods] of Object.entries(paths)) {
      const { headers } = await ask(url + path.replaceAll('{name}', 'one'), 'OPTIONS');
      const allowed = headers.get('allow')?.toLowerCase().split(', ') ?? [];
      expect(allowed.filter((method) => !['head', 'options'].includes(method)).toSorted()).toEqual(
        Object.keys(methods).toSorted(),
      );
    }
  });
});

describe('REST at the end', () => {
  it('answers what is under way when somebody asks to stop a second time', async () => {
    const { url, listening } = await serve({ one: chaos() });
    const call = ask(`${url}/v1/tools/one__hang/call`, 'POST', {});
    await expect
      .poll(async () => JSON.stringify((await ask(`${url}/v1/tools/one__stats/call`, 'POST', {})).body), {
        timeout: 15_000,
      })
      .toContain('hang');
    const closed = listening.close(60_000);
    // Over a connection of its own: those that idle are being ended.
    expect((await exchange(`${url}/v1/info`)).status).toBe(503);
    await Promise.all([listening.close(0), closed]);
    expect(await call).toMatchObject({ status: 503, body: { code: 'HTTP_SHUTTING_DOWN' } });
  });
});
