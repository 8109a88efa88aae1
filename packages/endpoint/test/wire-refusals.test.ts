import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '@hostler/kernel';
import { metaKeys } from '@hostler/protocol';
import { HttpRig, responseOf, wholeAnswer, withPatience } from './support/http-rig.ts';
import type { Headers } from './support/http-rig.ts';
import { initialize, legacy, modern, modernHeaders } from './support/messages.ts';

const call = modern('tools/call', { params: { name: 'echo' } });
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const rpc = (rest: string): string => `{"jsonrpc":"2.0",${rest}}`;

/** What arrives, the JSON-RPC code of the answer, and the id in it. */
const malformed: ReadonlyArray<readonly [string, string, number, Json]> = [
  ['nothing', '', -32700, null],
  ['white space', ' \n\t', -32700, null],
  ['no JSON', 'hello', -32700, null],
  ['half an object', '{"jsonrpc":"2.0","id":1,"method":"tools/list"', -32700, null],
  ['half a string', '{"jsonrpc":"2.0","id":1,"method":"tools', -32700, null],
  ['two objects', `${rpc('"id":1,"method":"ping"')}${rpc('"id":2,"method":"ping"')}`, -32700, null],
  ['a trailing comma', rpc('"id":1,"method":"ping",'), -32700, null],
  ['a comment', `/* x */${rpc('"id":1,"method":"ping"')}`, -32700, null],
  ['single quotes', "{'jsonrpc':'2.0'}", -32700, null],
  ['a byte order mark', `\ufeff${rpc('"id":1,"method":"ping"')}`, -32700, null],
  ['NaN', rpc('"id":1,"method":"ping","params":{"a":NaN}'), -32700, null],
  ['a raw control character in a string', rpc('"id":1,"method":"pi\u0001ng"'), -32700, null],
  ['a number that is none', rpc('"id":01,"method":"ping"'), -32700, null],
  ['null', 'null', -32600, null],
  ['true', 'true', -32600, null],
  ['a number', '42', -32600, null],
  ['a string', '"ping"', -32600, null],
  ['an empty object', '{}', -32600, null],
  ['an empty batch', '[]', -32600, null],
  ['a batch', `[${rpc('"id":1,"method":"ping"')}]`, -32600, null],
  ['a batch of a batch', `[[${rpc('"id":1,"method":"ping"')}]]`, -32600, null],
  ['no version', '{"id":1,"method":"ping"}', -32600, 1],
  ['version 1.0', '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600, 1],
  ['a version that is a number', '{"jsonrpc":2.0,"id":"a","method":"ping"}', -32600, 'a'],
  ['id null', rpc('"id":null,"method":"ping"'), -32600, null],
  ['id true', rpc('"id":true,"method":"ping"'), -32600, null],
  ['id 1.5', rpc('"id":1.5,"method":"ping"'), -32600, null],
  ['id 2^53 + 1', rpc('"id":9007199254740993,"method":"ping"'), -32600, null],
  ['id 1e400', rpc('"id":1e400,"method":"ping"'), -32600, null],
  ['an id object', rpc('"id":{},"method":"ping"'), -32600, null],
  ['an id array', rpc('"id":[1],"method":"ping"'), -32600, null],
  ['an id that is too long', rpc(`"id":"${'x'.repeat(1025)}","method":"ping"`), -32600, null],
  ['an id with half a surrogate pair', rpc('"id":"\\ud800","method":"ping"'), -32600, null],
  ['no method', rpc('"id":1'), -32600, 1],
  ['an empty method', rpc('"id":1,"method":""'), -32600, 1],
  ['a method that is a number', rpc('"id":1,"method":7'), -32600, 1],
  ['a method that is null', rpc('"id":1,"method":null'), -32600, 1],
  ['a method that is too long', rpc(`"id":1,"method":"${'m'.repeat(129)}"`), -32600, 1],
  ['params that are an array', rpc('"id":1,"method":"ping","params":[]'), -32600, 1],
  ['params that are a string', rpc('"id":1,"method":"ping","params":"x"'), -32600, 1],
  ['params that are null', rpc('"id":1,"method":"ping","params":null'), -32600, 1],
  ['_meta that is a string', rpc('"id":1,"method":"ping","params":{"_meta":"x"}'), -32600, 1],
  ['_meta that is an array', rpc('"id":1,"method":"ping","params":{"_meta":[]}'), -32600, 1],
  ['__proto__ in the envelope', rpc('"id":1,"method":"ping","__proto__":{"x":1}'), -32600, 1],
  ['__proto__ in the params', rpc('"id":1,"method":"ping","params":{"__proto__":{"x":1}}'), -32600, 1],
  ['an error that is a string', rpc('"id":1,"error":"x"'), -32600, 1],
  ['a result without an id', rpc('"result":{}'), -32600, null],
  ['depth 65', rpc(`"id":1,"method":"ping","params":{"a":${nested(64)}}`), -32600, null],
  ['depth 200,000', rpc(`"id":1,"method":"ping","params":{"a":${nested(200_000)}}`), -32600, null],
  ['200,000 open brackets', '['.repeat(200_000), -32600, null],
  ['more than 100,000 values', `[${'0,'.repeat(100_000)}0]`, -32600, null],
  ['a string of more than a mebibyte', `"${'a'.repeat(1024 * 1024 + 1)}"`, -32600, null],
];

test.each(malformed)('%s is refused and reaches no server', async (_what, body, code, id) => {
  await using rig = await HttpRig.start();
  const before = process.cpuUsage();
  const [first, again] = [await rig.send(body), await rig.send(body, modernHeaders(call))];
  // Two seconds of work, however long this machine lets it wait.
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(2_000_000);
  for (const answer of [first, again]) {
    expect(answer.status).toBe(400);
    expect(answer.messages[0]).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
    expect(answer.messages[0]).toHaveProperty('error.data.requestId', expect.any(String));
  }
  expect(rig.host.seen).toHaveLength(0);
  expect(({} as JsonObject)['x']).toBeUndefined();
});

test('bytes that are no UTF-8 are refused', async () => {
  await using rig = await HttpRig.start();
  const body = Buffer.from(rpc('"id":1,"method":"ping","params":{"a":"\xff\xfe"}'), 'latin1');
  expect((await rig.send(body)).messages[0]).toMatchObject({ error: { code: -32700 } });
});

test('keys that reach for prototypes stay data, at every level', async () => {
  await using rig = await HttpRig.start();
  const hostile = '{"constructor":{"prototype":{"x":1}},"a":{"__proto__":{"x":1}},"__defineGetter__":1}';
  const body = JSON.stringify(modern('tools/call', { params: { name: 'echo', arguments: 0 } })).replace(
    '"arguments":0',
    `"arguments":${hostile}`,
  );
  const answer = await rig.send(body, modernHeaders(call));
  expect(answer.status).toBe(200);
  expect(JSON.stringify(rig.host.seen[0]?.request.params['arguments'])).toBe(hostile);
  expect(({} as JsonObject)['x']).toBeUndefined();
  expect((Object as unknown as JsonObject)['x']).toBeUndefined();
});

/** What is wrong between headers and body; what comes back: the code, and a piece of the message. */
const disagreements: ReadonlyArray<
  readonly [string, JsonObject, Headers, { readonly code: number; readonly text: string }]
> = [
  ['no version header', call, { 'mcp-protocol-version': '' }, { code: -32020, text: 'MCP-Protocol-Version' }],
  ['another version', call, { 'mcp-protocol-version': '2025-11-25' }, { code: -32020, text: 'MCP-Protocol-Version' }],
  ['a later version', call, { 'mcp-protocol-version': '2027-01-01' }, { code: -32020, text: 'MCP-Protocol-Version' }],
  ['another method', call, { 'mcp-method': 'tools/list' }, { code: -32020, text: 'Mcp-Method' }],
  ['the method in capitals', call, { 'mcp-method': 'TOOLS/CALL' }, { code: -32020, text: 'Mcp-Method' }],
  ['another name', call, { 'mcp-name': 'delete' }, { code: -32020, text: 'Mcp-Name' }],
  ['the name in capitals', call, { 'mcp-name': 'ECHO' }, { code: -32020, text: 'Mcp-Name' }],
  ['a name that claims to be base64', call, { 'mcp-name': '=?base64?!!?=' }, { code: -32020, text: 'Mcp-Name' }],
  ['a name in base64 that is another', call, { 'mcp-name': '=?base64?ZGVsZXRl?=' }, { code: -32020, text: 'Mcp-Name' }],
  [
    'an unknown version in both',
    modern('tools/list', { revision: 'v999.0.0' }),
    { 'mcp-protocol-version': 'v999.0.0' },
    { code: -32022, text: 'v999.0.0' },
  ],
  [
    'a later version in both',
    modern('tools/list', { revision: '2027-01-01' }),
    { 'mcp-protocol-version': '2027-01-01' },
    { code: -32022, text: '2027-01-01' },
  ],
  [
    'a legacy version in both',
    modern('tools/list', { revision: '2025-11-25' }),
    { 'mcp-protocol-version': '2025-11-25' },
    { code: -32022, text: '2025-11-25' },
  ],
  [
    'an unknown version in the body alone',
    modern('tools/list', { revision: 'v999.0.0' }),
    {},
    { code: -32020, text: 'MCP-Protocol-Version' },
  ],
  [
    'initialize with a modern header',
    initialize(),
    { 'mcp-protocol-version': '2026-07-28' },
    { code: -32020, text: 'initialize' },
  ],
  [
    'no claim under a modern header',
    legacy('tools/list'),
    { 'mcp-protocol-version': '2026-07-28' },
    { code: -32602, text: metaKeys.protocolVersion },
  ],
  [
    'no claim under a later header',
    legacy('tools/list'),
    { 'mcp-protocol-version': '2027-01-01' },
    { code: -32602, text: metaKeys.protocolVersion },
  ],
];

test.each(disagreements)(
  '%s is refused before any server hears of it',
  async (_what, message, headers, { code, text }) => {
    await using rig = await HttpRig.start();
    const sent = Object.entries({ ...modernHeaders(message), ...headers }).filter(([, value]) => value !== '');
    const answer = await rig.post(message, Object.fromEntries(sent));
    expect(answer.status).toBe(400);
    expect(answer.messages[0]).toMatchObject({
      id: message['id'],
      error: { code, message: expect.stringContaining(text) },
    });
    expect(rig.host.seen).toHaveLength(0);
    expect(rig.host.describes).toBe(0);
  },
);

test('an unsupported version is told together with those that are', async () => {
  await using rig = await HttpRig.start();
  const message = modern('server/discover', { revision: 'v9', id: 301 });
  const answer = await rig.post(message, { ...modernHeaders(message), 'mcp-protocol-version': 'v9' });
  expect(answer.messages[0]).toMatchObject({
    id: 301,
    error: { data: { supported: ['2026-07-28'], requested: 'v9' } },
  });
});

test.each(['mcp-method', 'mcp-name'])('a modern request without %s is refused', async (header) => {
  await using rig = await HttpRig.start();
  const { [header]: _, ...headers } = modernHeaders(call);
  const answer = await rig.post(call, headers);
  expect([answer.status, answer.messages[0]?.['error']]).toMatchObject([400, { code: -32020 }]);
});

test.each([
  ['clientCapabilities', undefined],
  ['clientCapabilities', []],
  ['clientInfo', 'me'],
  ['logLevel', 'loud'],
  ['protocolVersion', 7],
] as const)('a modern request whose %s is %o is refused', async (key, value) => {
  await using rig = await HttpRig.start();
  const meta = { ...((call['params'] as JsonObject)['_meta'] as JsonObject), [metaKeys[key]]: value };
  const message = { ...call, params: { name: 'echo', _meta: meta } };
  const answer = await rig.postModern(message);
  expect(answer.status).toBe(400);
  expect(answer.messages[0]).toMatchObject({
    id: 1,
    error: { code: -32602, message: expect.stringContaining(metaKeys[key]) },
  });
});

test.each([
  { 'mcp-name': '=?base64?ZWNobw==?=' },
  { 'mcp-name': '  echo  ' },
  { 'mcp-protocol-version': ' 2026-07-28 ' },
] as Headers[])('headers that say the same in other words are fine: %o', async (headers) => {
  await using rig = await HttpRig.start();
  expect((await rig.postModern(call, headers)).status).toBe(200);
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json+x',
  'application/jsonp',
  'application/json; charset=utf-16',
  'application/json; charset=latin1',
  'application/json; profile=x',
  'text/json',
  '',
])('a body of type "%s" is refused unread', async (type) => {
  await using rig = await HttpRig.start();
  const answer = await rig.postModern(call, { 'content-type': type });
  expect(answer.status).toBe(415);
  expect(answer.messages[0]).toMatchObject({ id: null, error: { data: { code: 'HTTP_MEDIA_TYPE' } } });
});

test.each([
  'application/json',
  'Application/JSON',
  'application/json; charset=utf-8',
  'application/json;charset="UTF-8"',
])('a body of type "%s" is read', async (type) => {
  await using rig = await HttpRig.start();
  expect((await rig.postModern(call, { 'content-type': type })).status).toBe(200);
});

test.each(['gzip', 'br', 'identity', 'gzip, gzip, gzip'])('an encoded body is refused unread: %s', async (encoding) => {
  await using rig = await HttpRig.start();
  expect((await rig.postModern(call, { 'content-encoding': encoding })).status).toBe(415);
});

const LIMIT = 4 * 1024 * 1024;

/** A message of exactly so many bytes, no string of which is too long. */
function sized(bytes: number): string {
  const text = JSON.stringify(call);
  return text + ' '.repeat(bytes - text.length);
}

test('a body at the limit is read, one byte more is refused, and the connection lives on', async () => {
  await using rig = await HttpRig.start();
  expect((await rig.send(sized(LIMIT), modernHeaders(call))).status).toBe(200);
  const answer = await rig.send(sized(LIMIT + 1), modernHeaders(call));
  expect(answer.status).toBe(413);
  expect(answer.messages[0]).toMatchObject({ id: null, error: { code: -32018, data: { limit: LIMIT } } });
  expect(rig.host.seen).toHaveLength(1);
});

test('a body that does not say how long it is is bounded all the same', async () => {
  await using rig = await HttpRig.start({ limits: { messageBytes: 1_000 } });
  const send = (bytes: number) => {
    const request = rig.open('POST', {
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
      ...modernHeaders(call),
    });
    const response = responseOf(request);
    for (const piece of sized(bytes).match(/.{1,100}/gs) ?? []) request.write(piece);
    request.end();
    return response.then(wholeAnswer);
  };
  expect((await send(1_000)).status).toBe(200);
  expect((await send(1_001)).status).toBe(413);
});

test('a body that says it is too long is refused before any of it comes', async () => {
  await using rig = await HttpRig.start();
  const request = rig.open('POST', { 'content-type': 'application/json', 'content-length': String(LIMIT + 1) });
  const response = responseOf(request);
  request.flushHeaders();
  expect((await response).statusCode).toBe(413);
  request.destroy();
});

test('who goes on sending after the refusal is cut off', async () => {
  await using rig = await HttpRig.start({ limits: { messageBytes: 1_000 } });
  const head = 'host: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n';
  const socket = connect(rig.port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.on('close', resolve));
  const answered = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
  socket.write(`POST /mcp HTTP/1.1\r\n${head}\r\n3e9\r\n${' '.repeat(1_001)}\r\n`);
  expect(await withPatience(answered, 'the refusal')).toMatch(/^HTTP\/1\.1 413 /);
  expect(socket.readyState).toBe('open');
  await rig.clock.pass(3_000);
  await withPatience(closed, 'the end of the connection');
});

test('a body that does not arrive in time is refused', async () => {
  await using rig = await HttpRig.start();
  const request = rig.open('POST', { 'content-type': 'application/json', 'content-length': '100' });
  const response = responseOf(request);
  const arrived = rig.nextRequest();
  request.write('{');
  await arrived;
  await rig.clock.pass(29_000);
  request.write('"');
  await rig.clock.pass(2_000);
  const answer = await wholeAnswer(await response);
  expect(answer.status).toBe(408);
  expect(answer.messages[0]).toMatchObject({ error: { data: { code: 'HTTP_REQUEST_TIMEOUT' } } });
  request.destroy();
});

test('a client that breaks off in the middle of its body leaves nothing behind', async () => {
  await using rig = await HttpRig.start();
  const request = rig.open('POST', { 'content-type': 'application/json', 'content-length': '100' });
  request.on('error', () => {});
  const arrived = rig.nextRequest();
  request.write('{');
  await arrived;
  await rig.leave(request);
  await rig.get('PUT');
  rig.clock.advance(5_000);
  expect(rig.clock.waiting).toBe(0);
  expect(rig.log.messages('error')).toEqual([]);
});

const raw = (head: string, body = JSON.stringify(call)): string =>
  `POST /mcp HTTP/1.1\r\n${head}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
const wellFormed = `host: localhost\r\ncontent-type: application/json\r\nmcp-protocol-version: 2026-07-28\r\nmcp-method: tools/call\r\nmcp-name: echo\r\n`;

test('a well-formed request on a raw socket is answered', async () => {
  await using rig = await HttpRig.start();
  expect(await rig.raw(raw(wellFormed))).toMatch(/^HTTP\/1\.1 200 OK/);
});

test.each([
  'host: evil.example',
  'Host: localhost',
  'authorization: Bearer a\r\nauthorization: Bearer b',
  'authorization: Bearer a\r\nAuthorization: Bearer a',
  'origin: http://localhost\r\norigin: http://localhost',
  'content-type: text/plain',
  'mcp-name: delete',
  'Mcp-Name: echo',
  'mcp-method: tools/call',
  'MCP-Protocol-Version: 2026-07-28',
  'mcp-session-id: a\r\nmcp-session-id: b',
  'mcp-param-region: eu\r\nMcp-Param-Region: us',
])('a header that stands twice is refused: %s', async (extra) => {
  await using rig = await HttpRig.start();
  const received = await rig.raw(raw(`${wellFormed}${extra}\r\n`));
  expect(received).toMatch(/^HTTP\/1\.1 400 /);
  expect(received).toContain('HTTP_HEADER_DUPLICATE');
  expect(rig.host.seen).toHaveLength(0);
});

test.each([
  ['POST http://evil.example/mcp HTTP/1.1', wellFormed],
  ['POST http://localhost/mcp HTTP/1.1', wellFormed],
  ['POST * HTTP/1.1', wellFormed],
  ['POST /mcp HTTP/1.1', `${wellFormed}content-length: 3\r\n`],
  ['POST /mcp HTTP/1.1', `${wellFormed}transfer-encoding: chunked\r\n`],
  ['POST /mcp HTTP/1.1', `${wellFormed}transfer-encoding: xchunked\r\n`],
  ['POST /mcp HTTP/1.1', `${wellFormed}x: a\r\n b\r\n`],
  ['POST /mcp HTTP/1.1', `${wellFormed}x : a\r\n`],
  ['POST /mcp HTTP/1.1', wellFormed.replace('host: localhost\r\n', '')],
])('%s with %o is refused', async (line, head) => {
  await using rig = await HttpRig.start();
  const received = await rig.raw(raw(head).replace('POST /mcp HTTP/1.1', line));
  expect(received).toMatch(/^HTTP\/1\.1 400 /);
  expect(received.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(rig.host.seen).toHaveLength(0);
});

test.each([
  'evil.example.com',
  'localhost.evil.com',
  '127.0.0.1.evil.com',
  'localhost.',
  'user@localhost',
  '[::1',
  'a:b:c',
])('a rebound name is refused: Host: %s', async (host) => {
  await using rig = await HttpRig.start();
  const received = await rig.raw(raw(wellFormed.replace('host: localhost', `host: ${host}`)));
  expect(received).toMatch(/^HTTP\/1\.1 403 /);
  expect(received).toContain('HTTP_HOST_REFUSED');
  expect(rig.host.seen).toHaveLength(0);
});

test.each(['http://evil.example', 'null', 'https://localhost.evil.com', 'file://', 'http://localhost@evil.com', ''])(
  'a page of another origin is refused: Origin: %s',
  async (origin) => {
    await using rig = await HttpRig.start();
    const answer = await rig.raw(raw(`${wellFormed}origin: ${origin}\r\n`));
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain('HTTP_ORIGIN_REFUSED');
  },
);
