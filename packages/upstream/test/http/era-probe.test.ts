import { describe, expect, test } from 'vitest';
import { connectHttp, contextFor, failureOf } from './support/context.ts';
import { RawServer, errorOf, openEvents, resultOf, sendEvent, sendJson } from './support/raw-server.ts';
import type { Respond } from './support/raw-server.ts';
import { discovered } from './support/scripted-servers.ts';

/** Answers `server/discover` as the test says, and speaks the legacy era otherwise. */
function probed(discover: Respond): Promise<RawServer> {
  return RawServer.start((received, response) => {
    const { message, method } = received;
    if (message.method === 'server/discover') return discover(received, response);
    if (message.method === 'initialize') {
      const result = { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'raw', version: '1' } };
      return sendJson(response, resultOf(received, result));
    }
    response.writeHead(method === 'POST' ? 202 : 405).end();
  });
}

async function eraOf(discover: Respond, era: 'auto' | 'modern' | 'legacy' = 'auto'): Promise<string> {
  await using server = await probed(discover);
  const connection = await connectHttp(contextFor({ url: server.url, era }));
  await connection.close();
  return connection.era;
}

async function refusalOf(discover: Respond, era: 'auto' | 'modern' = 'auto') {
  await using server = await probed(discover);
  const failure = await failureOf(connectHttp(contextFor({ url: server.url, era })));
  expect(server.count('initialize')).toBe(0);
  return failure;
}

const status =
  (code: number): Respond =>
  (_, response) =>
    void response.writeHead(code).end('WORDS');

describe('a server is modern', () => {
  test('when it describes itself', async () => {
    expect(await eraOf((received, response) => sendJson(response, resultOf(received, discovered({}))))).toBe('modern');
  });

  test('when it describes itself on an event stream', async () => {
    const era = await eraOf((received, response) => {
      openEvents(response);
      sendEvent(response, resultOf(received, discovered({})));
      response.end();
    });
    expect(era).toBe('modern');
  });
});

describe('a server that refuses our revision and names it among its own', () => {
  test('is asked once more', async () => {
    let asked = 0;
    const era = await eraOf((received, response) => {
      asked += 1;
      const refusal = errorOf(received, -32022, { supported: ['2026-07-28'], requested: '2026-07-28' });
      sendJson(response, asked === 1 ? refusal : resultOf(received, discovered({})), asked === 1 ? 400 : 200);
    });
    expect([era, asked]).toEqual(['modern', 2]);
  });

  test('is not asked for ever', async () => {
    let asked = 0;
    const failure = await refusalOf((received, response) => {
      asked += 1;
      sendJson(response, errorOf(received, -32022, { supported: ['2026-07-28'] }), 400);
    });
    expect(failure).toMatchObject({ code: 'UPSTREAM_PROTOCOL' });
    expect(asked).toBe(2);
  });
});

describe('a server is legacy', () => {
  const error =
    (code: number, http: number, data?: unknown): Respond =>
    (received, response) =>
      sendJson(response, errorOf(received, code, data), http);

  test.each<[string, Respond]>([
    ['with 400 and a general error', error(-32000, 400)],
    ['with 200 and an unknown method', error(-32601, 200)],
    ['with 404 and an unknown method', error(-32601, 404)],
    ['with 400 and invalid params', error(-32602, 400)],
    ['with 400 and no message', status(400)],
    ['with 404 and no message', status(404)],
    ['with 405', status(405)],
    ['with 406', status(406)],
    ['with 202', status(202)],
    ['when it answers anything with something', (received, response) => sendJson(response, resultOf(received, {}))],
    ['when only its legacy revisions are ours', error(-32022, 400, { supported: ['2030-01-01', '2025-11-25'] })],
  ])('%s', async (_, discover) => {
    expect(await eraOf(discover)).toBe('legacy');
  });

  test('when the configuration says so: it is not probed', async () => {
    const era = await eraOf(() => {
      throw new Error('it was probed');
    }, 'legacy');
    expect(era).toBe('legacy');
  });
});

describe('no evidence of an era, and no further attempt', () => {
  test.each([
    [401, 'UPSTREAM_UNAVAILABLE', 'refused the credentials'],
    [403, 'UPSTREAM_UNAVAILABLE', 'refused the credentials'],
    [429, 'UPSTREAM_UNAVAILABLE', '429'],
    [500, 'UPSTREAM_UNAVAILABLE', '500'],
    [503, 'UPSTREAM_UNAVAILABLE', '503'],
    [308, 'UPSTREAM_PROTOCOL', 'redirect'],
  ])('status %s', async (code, expected, problem) => {
    const failure = await refusalOf(status(code));
    expect(failure).toMatchObject({ code: expected, problem: expect.stringContaining(problem) });
    expect(JSON.stringify(failure)).not.toContain('WORDS');
  });

  test('an error message with status 500', async () => {
    const failure = await refusalOf((received, response) => sendJson(response, errorOf(received, -32603), 500));
    expect(failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', problem: expect.stringContaining('500') });
  });

  test('a modern server that speaks none of our revisions', async () => {
    const failure = await refusalOf((received, response) =>
      sendJson(response, errorOf(received, -32022, { supported: ['2030-01-01'], requested: '2026-07-28' }), 400),
    );
    expect(failure).toMatchObject({ code: 'UPSTREAM_PROTOCOL', problem: expect.stringContaining('revision') });
    const described = await refusalOf((received, response) =>
      sendJson(response, resultOf(received, { supportedVersions: ['2030-01-01'], capabilities: {} })),
    );
    expect(described).toMatchObject({ code: 'UPSTREAM_PROTOCOL' });
  });

  test('a modern server that misses a capability of the host', async () => {
    const failure = await refusalOf((received, response) => sendJson(response, errorOf(received, -32021), 400));
    expect(failure).toMatchObject({ code: 'UPSTREAM_PROTOCOL' });
  });

  test('a page instead of a message', async () => {
    const failure = await refusalOf((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<p>WORDS</p>');
    });
    expect(failure).toMatchObject({ code: 'UPSTREAM_PROTOCOL' });
  });

  test('a legacy server that was configured as modern', async () => {
    const failure = await refusalOf(status(404), 'modern');
    expect(failure).toMatchObject({ code: 'UPSTREAM_PROTOCOL', problem: expect.stringContaining('era') });
  });

  test('nobody listens', async () => {
    const server = await probed(status(404));
    const { url } = server;
    await server[Symbol.asyncDispose]();
    expect(await failureOf(connectHttp(contextFor({ url })))).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      mayHaveRun: false,
      problem: expect.stringContaining('refuses connections'),
    });
  });
});

test.each([
  ['a host name that is not known', 'http://no-such-host.invalid/mcp', /DNS|host name/],
  ['a server that speaks no TLS', 'https', /TLS/],
])('%s is named as the problem', async (_, url, problem) => {
  await using server = await probed(status(404));
  const target = url === 'https' ? server.url.replace('http:', 'https:') : url;
  expect(await failureOf(connectHttp(contextFor({ url: target })))).toMatchObject({
    code: 'UPSTREAM_UNAVAILABLE',
    mayHaveRun: false,
    problem: expect.stringMatching(problem),
  });
});

test.each([
  ['ftp://example.test/', 'no http or https'],
  ['no url', 'no http or https'],
  ['http://user:word@127.0.0.1/mcp', 'holds credentials'],
])('the url %s is refused', async (url, problem) => {
  const failure = await failureOf(connectHttp(contextFor({ url })));
  expect(failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', problem: expect.stringContaining(problem) });
  expect(JSON.stringify(failure)).not.toContain('word');
});
