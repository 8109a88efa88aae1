import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAudit } from '@hostler/audit';
import type { ConfigFile } from '@hostler/config';
import { callModern, chaosServer, conformanceServer, exchange, openLegacySession } from '@hostler/test-kit';
import type { HttpAnswer, LegacySession, WireMessage } from '@hostler/test-kit';
import { bearer, faces, newKey } from './support/consumers-rig.ts';
import { startPatientClock } from './support/patient-clock.ts';
import { openOneConnection, startWorkersRig } from './support/workers-rig.ts';
import type { WorkersRig } from './support/workers-rig.ts';

const a = newKey();
const few = newKey();
const gone = newKey();
const operator = newKey();

const config = (folder: string): ConfigFile => ({
  servers: { one: { ...chaosServer() }, asks: { ...conformanceServer('--stdio', '--era', 'legacy') } } as never,
  consumers: {
    a: { keys: [a.entry], servers: ['one', 'asks'] },
    few: { keys: [few.entry], servers: ['one'], limits: { calls: '6/h' } },
    gone: { keys: [gone.entry], servers: ['one'] },
    operator: { keys: [operator.entry], roles: ['operator'] },
  },
  audit: { sinks: [{ type: 'file', directory: join(folder, 'audit') }] },
  reload: { watch: true },
});

const one = '/servers/one/mcp';
const asks = '/servers/asks/mcp';
let rig: WorkersRig;

beforeAll(async () => {
  rig = await startWorkersRig({ config });
}, 240_000);
afterAll(async () => (rig as WorkersRig | undefined)?.[Symbol.asyncDispose]());

interface OfficialClient {
  echo(parameters: object): Promise<unknown>;
  close(): Promise<void>;
}

const info = { name: 'workers', version: '1.0.0' };
const clients: Readonly<Record<string, (url: URL, headers: Record<string, string>) => Promise<OfficialClient>>> = {
  'SDK v1': async (url, headers) => {
    const client = new ClientV1(info);
    await client.connect(new HttpV1(url, { requestInit: { headers } }) as never);
    return {
      echo: (parameters) => client.callTool({ name: 'echo', arguments: { ...parameters } }),
      close: () => client.close(),
    };
  },
  'SDK v2': async (url, headers) => {
    const client = new ClientV2(info, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new HttpV2(url, { requestInit: { headers } }) as never);
    return {
      echo: (parameters) => client.callTool({ name: 'echo', arguments: { ...parameters } }),
      close: () => client.close(),
    };
  },
};

const placeOf = ({ id = '' }: LegacySession): string => id.split('.').at(-1) ?? '';
const last = ({ messages }: HttpAnswer): WireMessage | undefined => messages.at(-1);
const open = (key = a.key, path = one): Promise<LegacySession> =>
  openLegacySession(rig.url + path, { headers: bearer(key) });

/** A session of each worker. */
async function twoSessions(path = one): Promise<readonly [LegacySession, LegacySession]> {
  const found = new Map<string, LegacySession>();
  for (let tries = 0; tries < 20 && found.size < 2; tries += 1) {
    // oxlint-disable-next-line no-await-in-loop -- until both have one
    const session = await open(a.key, path);
    found.set(placeOf(session), session);
  }
  const [first, second] = ['1', '2'].map((place) => found.get(place));
  if (first === undefined || second === undefined) throw new Error(`sessions of ${[...found.keys()].join()} only`);
  return [first, second];
}

describe('two workers', () => {
  it('take connections in turn, and have one child process between them', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, () => open()));
    const places = sessions.map(placeOf).toSorted();
    expect(places).toEqual(['1', '1', '1', '1', '2', '2', '2', '2']);
    const pids = await Promise.all(
      sessions.map(async (session) => {
        const answer = last(await session.call('tools/call', { name: 'stats', arguments: {} }));
        const found = answer?.result?.['structuredContent'] as { pid?: number } | undefined;
        return found?.pid;
      }),
    );
    expect(new Set(pids).size).toBe(1);
  });

  it.each(Object.entries(faces))('serve %s', async (_, face) => {
    for (let turn = 0; turn < 2; turn += 1) {
      // oxlint-disable-next-line no-await-in-loop -- each opens on another worker
      await using client = await face(rig.url, bearer(a.key), '/servers/one');
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await client.ask('tools/call', { name: 'echo', arguments: { turn } });
      expect(answer.result).toMatchObject({ structuredContent: { turn } });
    }
  });

  it('find the session of a request that comes over a connection of the other one', async () => {
    const [first, second] = await twoSessions();
    using connection = openOneConnection(rig.url);
    const call = (session: LegacySession, id: number) =>
      connection.send({
        path: one,
        headers: session.headers,
        body: { jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'echo', arguments: { id } } },
      });
    for (const [id, session] of [first, second, first, second].entries()) {
      // oxlint-disable-next-line no-await-in-loop -- over one connection
      const { status, text } = await call(session, id);
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({ id, result: { structuredContent: { id } } });
    }
    const ended = await connection.send({ method: 'DELETE', path: one, headers: second.headers });
    expect(ended.status).toBe(204);
    expect((await call(second, 9)).status).toBe(404);
    expect((await call(first, 10)).status).toBe(200);
    const strange = { ...first.headers, 'mcp-session-id': `${first.id?.slice(0, -2)}.3` };
    expect((await connection.send({ path: one, headers: strange, body: {} })).status).toBe(400);
    // The same session under the name of the other worker is none.
    const other = { ...first.headers, 'mcp-session-id': `${first.id?.slice(0, -2)}.2` };
    const asked = { path: one, headers: other, body: { jsonrpc: '2.0', id: 1, method: 'ping' } };
    expect((await connection.send(asked)).status).toBe(404);
  });

  it('open the stream of a session over a connection of the other one', async () => {
    const [first, second] = await twoSessions(asks);
    using connection = openOneConnection(rig.url);
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    await connection.send({ path: asks, headers: first.headers, body: ping });
    const stream = await connection.open({ path: asks, headers: second.headers });
    expect(stream.status).toBe(200);
    await second.call('tools/call', { name: 'test_trigger_tool_change', arguments: {} });
    expect(await stream.first).toContain('notifications/tools/list_changed');
  });

  it('let a forwarded request be nobody else’s than that of who sent it', async () => {
    const [first, second] = await twoSessions();
    using connection = openOneConnection(rig.url);
    const body = { jsonrpc: '2.0', id: 1, method: 'ping' };
    for (const session of [first, second]) {
      const headers = { ...session.headers, ...bearer(few.key) };
      // oxlint-disable-next-line no-await-in-loop -- over one connection
      expect((await connection.send({ path: one, headers, body })).status).toBe(404);
      const nobody = { ...session.headers, authorization: 'Bearer none' };
      // oxlint-disable-next-line no-await-in-loop -- over one connection
      expect((await connection.send({ path: one, headers: nobody, body })).status).toBe(401);
    }
  });

  it('carry a session’s own stream and the questions of its server, wherever the requests come in', async () => {
    const capabilities = { elicitation: {} };
    for (let turn = 0; turn < 2; turn += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one on each worker
      const session = await openLegacySession(rig.url + asks, { headers: bearer(a.key), capabilities });
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await using call = await session.open('tools/call', { name: 'test_elicitation', arguments: { message: 'Who?' } });
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const question = await call.nextMessage(({ method }) => method === 'elicitation/create');
      expect(question.params).toMatchObject({ message: 'Who?' });
      const result = { action: 'accept', content: { username: 'me', email: 'me@example.com' } };
      using connection = openOneConnection(rig.url);
      // oxlint-disable-next-line no-await-in-loop -- over a connection that is another's
      await connection.send({ path: one, headers: { ...bearer(a.key) }, body: {} });
      // oxlint-disable-next-line no-await-in-loop -- and then this
      const told = await connection.send({
        path: asks,
        headers: session.headers,
        body: { jsonrpc: '2.0', id: question.id, result },
      });
      expect(told.status).toBe(202);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await call.nextMessage(({ result: found }) => found !== undefined);
      expect(JSON.stringify(answer.result)).toContain('me@example.com');
    }
  });

  it('finish a modern call that waits for an answer, wherever its client comes back', async () => {
    const capabilities = { elicitation: { form: {} } };
    for (let turn = 0; turn < 4; turn += 1) {
      const params = { name: 'test_elicitation', arguments: { message: 'Who?' } };
      const options = { headers: bearer(a.key), capabilities };
      // oxlint-disable-next-line no-await-in-loop -- over connections to workers in turn
      const asked = last(await callModern(rig.url + asks, 'tools/call', params, options))?.result ?? {};
      expect(asked['resultType']).toBe('input_required');
      const [name = ''] = Object.keys(asked['inputRequests'] as object);
      const inputResponses = { [name]: { action: 'accept', content: { username: 'me', email: 'me@example.com' } } };
      // One connection more in between, or none: the turn is the other worker's, or the same one's.
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      if (turn % 2 === 0) await callModern(rig.url + one, 'tools/list', {}, { headers: bearer(a.key) });
      const again = { ...params, requestState: asked['requestState'], inputResponses };
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = last(await callModern(rig.url + asks, 'tools/call', again, options));
      expect(JSON.stringify(answer?.result)).toContain('me@example.com');
    }
  });

  it('keep a rate together', async () => {
    const call = (): Promise<HttpAnswer> =>
      callModern(rig.url + one, 'tools/call', { name: 'echo', arguments: {} }, { headers: bearer(few.key) });
    const answers = await Promise.all(Array.from({ length: 10 }, call));
    expect(answers.filter((answer) => last(answer)?.result !== undefined)).toHaveLength(6);
    expect(answers.filter((answer) => answer.text.includes('LIMIT_EXCEEDED'))).toHaveLength(4);
  });

  it('answer what is not MCP where the servers are, over any connection', async () => {
    const [first] = await twoSessions();
    using connection = openOneConnection(rig.url);
    await connection.send({ path: one, headers: first.headers, body: { jsonrpc: '2.0', id: 1, method: 'ping' } });
    const ready = await connection.send({ method: 'GET', path: '/readyz', headers: {} });
    expect([ready.status, JSON.parse(ready.text)]).toMatchObject([200, { status: 'ready' }]);
    const headers = bearer(operator.key);
    const metrics = await exchange(`${rig.url}/metrics`, { headers });
    expect(metrics.text).toContain('hostler_worker_up{worker="1"} 1\nhostler_worker_up{worker="2"} 1\n');
    expect(metrics.text).toMatch(/process_cpu_seconds_total \S+\nprocess_cpu_seconds_total\{worker="1"\} /);
    expect((await connection.send({ method: 'GET', path: '/metrics', headers: {} })).status).toBe(401);
  });

  it.each(Object.entries(clients))('serve the official client of %s', async (_, connect) => {
    for (let turn = 0; turn < 2; turn += 1) {
      // oxlint-disable-next-line no-await-in-loop -- each connects to another worker
      const client = await connect(new URL(rig.url + one), bearer(a.key));
      // oxlint-disable-next-line no-await-in-loop -- several at once: over several connections of one session
      const answers = await Promise.all(Array.from({ length: 6 }, (__, x) => client.echo({ x })));
      expect(answers.map((answer) => (answer as { structuredContent: unknown }).structuredContent)).toEqual(
        Array.from({ length: 6 }, (__, x) => ({ x })),
      );
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await client.close();
    }
  });

  it('lose nobody’s subscription when the other one gives its own back', async () => {
    const [first, second] = await twoSessions(asks);
    const uri = 'test://watched-resource';
    const streams = await Promise.all([first.listen(), second.listen()]);
    for (const session of [first, second]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(last(await session.call('resources/subscribe', { uri }))?.result).toBeDefined();
    }
    await second.call('resources/unsubscribe', { uri });
    await first.call('tools/call', { name: 'test_trigger_resource_update', arguments: {} });
    const told = await streams[0]?.nextMessage(({ method }) => method === 'notifications/resources/updated');
    expect(told?.params).toMatchObject({ uri });
    for (const stream of streams) stream.close();
  });

  it('let in no longer whom the file has taken out, within a second, and keep to a good file', async () => {
    const call = (key: string): Promise<HttpAnswer> =>
      callModern(rig.url + one, 'tools/list', {}, { headers: bearer(key) });
    const session = await open(gone.key);
    const both = await Promise.all([call(gone.key), call(gone.key)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    const path = join(rig.folder, 'hostler.json');
    const before = await readFile(path, 'utf8');
    await writeFile(path, '{');
    await rig.process.stderr.take((line) => line.includes('was not taken over'), 15_000);
    expect((await call(gone.key)).status).toBe(200);
    const { gone: _, ...consumers } = config(rig.folder).consumers ?? {};
    await writeFile(path, JSON.stringify({ ...(JSON.parse(before) as object), consumers }));
    await rig.process.stderr.take((line) => !line.includes('"worker"') && line.includes('was taken over'), 15_000);
    await using clock = startPatientClock();
    const begun = clock.now();
    await expect
      .poll(async () => (await Promise.all([call(gone.key), call(gone.key)])).map(({ status }) => status), {
        timeout: 20_000,
      })
      .toEqual([401, 401]);
    expect(clock.now() - begun).toBeLessThan(1_000);
    expect((await session.call('ping')).status).toBe(401);
    expect((await call(a.key)).status).toBe(200);
  });

  it('write one record, whose chain holds', async () => {
    const directory = join(rig.folder, 'audit');
    expect(await rig.process.stop(30_000)).toMatchObject({ code: 0 });
    expect(await verifyAudit(directory)).toMatchObject({ isIntact: true, problems: [], chains: [{ unknownCount: 0 }] });
  });
});
