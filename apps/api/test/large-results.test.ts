import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchAudit } from '@hostler/audit';
import { openLegacySession } from '@hostler/test-kit';
import type { LegacySession } from '@hostler/test-kit';
import { describe, expect, it, vi } from 'vitest';
import { bearer, newKey, startRig } from './support/consumers-rig.ts';
import type { ConsumersRig } from './support/consumers-rig.ts';

const ci = newKey();
const SECRET = 'a-secret-of-this-host-5f3a9c';
const MEGABYTE = 1024 * 1024;

/** What the server does with one call. */
type Serve = (response: ServerResponse, id: number) => void;

interface Upstream extends AsyncDisposable {
  readonly url: string;
  serve: Serve;
}

/** A server of the legacy era that answers calls of its one tool as a test wants. */
async function startUpstream(): Promise<Upstream> {
  const upstream = { serve: (() => {}) as Serve, url: '' };
  const server = createServer((request, response) => void answer(upstream, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(upstream, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

async function answer({ serve }: { serve: Serve }, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const { id, method } = JSON.parse(Buffer.concat(chunks).toString()) as { id?: number; method: string };
  if (id === undefined) return void response.writeHead(202).end();
  if (method === 'tools/call') return serve(response, id);
  const serverInfo = { name: 'large', version: '1' };
  const results: Record<string, object> = {
    initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo },
    'tools/list': { tools: [{ name: 'dump', inputSchema: { type: 'object' } }] },
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] ?? {} }));
}

interface Setup {
  readonly rig: ConsumersRig;
  readonly upstream: Upstream;
  readonly session: LegacySession;
  /** The outcomes that were recorded, when there are so many. */
  readonly outcomes: (count: number) => Promise<readonly object[]>;
}

async function withLarge(work: (setup: Setup) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'hostler-large-'));
  try {
    vi.stubEnv('LARGE_RESULTS_TOKEN', SECRET);
    await using upstream = await startUpstream();
    await using rig = await startRig({
      servers: { big: { url: upstream.url, headers: { 'x-token': { secret: 'env://LARGE_RESULTS_TOKEN' } } } },
      consumers: { ci: { keys: [ci.entry], allow: ['big/**'] } },
      audit: { sinks: [{ type: 'file', directory }] },
    } as never);
    const session = await openLegacySession(`${rig.url}/mcp`, { headers: bearer(ci.key), timeout: 20_000 });
    await session.call('tools/list');
    const read = async (): Promise<object[]> => {
      const found: object[] = [];
      for await (const { record } of searchAudit(directory, {})) {
        if ('phase' in record && record.phase === 'outcome') found.push(record);
      }
      return found;
    };
    await work({
      rig,
      upstream,
      session,
      async outcomes(count) {
        await expect.poll(async () => (await read()).length, { timeout: 20_000 }).toBe(count);
        return read();
      },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A call that is answered as one likes: the raw response. */
async function openCall(
  { rig, session }: Setup,
  accept = 'application/json, text/event-stream',
): Promise<IncomingMessage> {
  const headers = { ...session.headers, ...bearer(ci.key), accept, 'content-type': 'application/json' };
  const request = httpRequest(`${rig.url}/mcp`, { method: 'POST', headers, agent: false });
  request.on('error', () => {});
  request.end(JSON.stringify({ jsonrpc: '2.0', id: 'mine', method: 'tools/call', params: { name: 'big__dump' } }));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function begin(response: ServerResponse, id: number): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"`);
}

describe('a large result', () => {
  it('reaches its client as the server wrote it, with public URIs, and is recorded', () =>
    withLarge(async (setup) => {
      const { upstream, session, outcomes } = setup;
      const result = {
        content: [
          { type: 'text', text: 'ü "quoted" '.repeat(MEGABYTE) },
          { type: 'resource_link', uri: 'file:///a', name: 'a' },
        ],
        isError: true,
      };
      upstream.serve = (response, id) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      };
      const { messages, headers } = await session.call('tools/call', { name: 'big__dump' });
      const said = messages[0]?.result as typeof result;
      expect(headers['transfer-encoding']).toBe('chunked');
      expect(said.content[0]).toEqual(result.content[0]);
      expect(said.content[1]).toMatchObject({ uri: expect.stringContaining('big') });
      const [outcome] = await outcomes(1);
      const answerBytes = Buffer.byteLength(JSON.stringify(said));
      expect(outcome).toMatchObject({ result: 'failed', code: 'TOOL_ERROR', answerBytes });
    }));

  it('is one event for a client that takes events only', () =>
    withLarge(async (setup) => {
      setup.upstream.serve = (response, id) => {
        begin(response, id);
        response.end(`${'x'.repeat(MEGABYTE)}"}],\n"isError":false}}`);
      };
      const response = await openCall(setup, 'text/event-stream');
      const text = await textOf(response);
      expect(text).toMatch(/^event: message\ndata: \{"jsonrpc":"2.0","id":"mine","result":\{"content":.*\}\n\n$/);
      expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ id: 'mine', result: { isError: false } });
    }));

  it('holds no secret of this host, wherever it stands', () =>
    withLarge(async (setup) => {
      const text = `${'x'.repeat(MEGABYTE)}${SECRET} `.repeat(3);
      setup.upstream.serve = (response, id) => {
        begin(response, id);
        response.end(`${text}"}]}}`);
      };
      const answer = await textOf(await openCall(setup));
      expect(JSON.parse(answer).result.content[0].text).toBe(text.replaceAll(SECRET, '[secret]'));
    }));

  it('breaks off where its server breaks off, which is recorded', () =>
    withLarge(async (setup) => {
      const { upstream, outcomes } = setup;
      upstream.serve = (response, id) => {
        begin(response, id);
        response.write('x'.repeat(MEGABYTE), () => response.destroy());
      };
      await expect(openCall(setup).then(textOf)).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(await outcomes(1)).toMatchObject([{ result: 'failed', code: 'UPSTREAM_PROTOCOL', mayHaveRun: true }]);
      expect(setup.rig.log()).toContain('an answer broke off after its beginning was passed on');
    }));

  it.each([
    ['more', 2 * MEGABYTE],
    ['less', MEGABYTE / 2],
  ])('breaks off when it has said that it is %s than it is', (_, length) =>
    withLarge(async (setup) => {
      setup.upstream.serve = (response, id) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
        response.write(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"`);
        response.write(`${'x'.repeat(MEGABYTE)}"}]}}`, () => response.destroy());
      };
      await expect(openCall(setup).then(textOf)).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(await setup.outcomes(1)).toMatchObject([{ result: 'failed', code: 'UPSTREAM_PROTOCOL' }]);
    }),
  );

  it('breaks off where it stops being a message', () =>
    withLarge(async (setup) => {
      setup.upstream.serve = (response, id) => {
        begin(response, id);
        response.end(`${'x'.repeat(MEGABYTE)}"}]]}`);
      };
      await expect(openCall(setup).then(textOf)).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(await setup.outcomes(1)).toMatchObject([{ result: 'failed', code: 'UPSTREAM_PROTOCOL' }]);
    }));

  it('ends at its server when the client goes away', () =>
    withLarge(async (setup) => {
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      setup.upstream.serve = (response, id) => {
        response.on('close', resolve);
        begin(response, id);
        response.write('x'.repeat(MEGABYTE));
      };
      const response = await openCall(setup);
      await once(response, 'data');
      response.destroy();
      await closed;
      expect(await setup.outcomes(1)).toMatchObject([{ result: 'cancelled' }]);
    }));

  it('waits at its server for a client that does not read, and goes on when it does', () =>
    withLarge(async (setup) => {
      let sent = 0;
      const piece = Buffer.alloc(MEGABYTE, 'x');
      setup.upstream.serve = (response, id) => {
        begin(response, id);
        const fill = (): void => {
          while (sent < 40) {
            sent += 1;
            if (!response.write(piece)) return void response.once('drain', fill);
          }
          response.end('"}]}}');
        };
        fill();
      };
      const response = await openCall(setup);
      let before = -1;
      // Until nothing moves any more: whatever the sockets between hold, it is less than all of it.
      await expect.poll(() => before === (before = sent), { interval: 250, timeout: 20_000 }).toBe(true);
      expect(sent).toBeLessThan(40);
      const text = await textOf(response);
      expect(text.length).toBeGreaterThan(40 * MEGABYTE);
      expect(await setup.outcomes(1)).toMatchObject([{ result: 'ok' }]);
    }));
});
