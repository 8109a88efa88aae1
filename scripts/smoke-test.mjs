#!/usr/bin/env node
// Whether a host that runs is of use: it says that it is ready, and an MCP client that has a key is given the list of tools.
// Needs nothing but Node, so that it also runs inside the image:
//   docker compose exec -T api node --input-type=module - < scripts/smoke-test.mjs
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const USAGE = `smoke-test.mjs [--url URL] [--key-file FILE] [--timeout SECONDS]

  --url       where the host listens; by default http://127.0.0.1:$PORT
  --key-file  a file with a key of a consumer; by default the key is in HOSTLER_KEY. Without one it is only seen that the
              host answers, and lets no stranger in
  --timeout   for all of it; by default 60

Ends with 0: it is of use; 1: it is not; 2: this cannot be asked.`;

const PROTOCOL = '2025-11-25';

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        url: { type: 'string', default: `http://127.0.0.1:${process.env.PORT ?? '8000'}` },
        'key-file': { type: 'string' },
        timeout: { type: 'string', default: '60' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) return console.log(USAGE);
    const seconds = Number(values.timeout);
    if (!(seconds > 0) || !URL.canParse(values.url)) throw new Error(USAGE);
    const file = values['key-file'];
    const key = file === undefined ? process.env.HOSTLER_KEY : readFileSync(file, 'utf8').trim();
    return { url: values.url, key: key || undefined, seconds };
  } catch (error) {
    console.error(error.message);
    process.exitCode = 2;
  }
}

async function untilReady(url, signal) {
  let last = 'no answer';
  for (;;) {
    try {
      const response = await fetch(new URL('/readyz', url), { signal });
      await response.arrayBuffer();
      if (response.status === 200) return;
      last = `/readyz answers ${response.status}`;
    } catch (error) {
      if (!signal.aborted) last = error.cause?.code ?? error.message;
    }
    if (signal.aborted) throw new Error(`it is not ready: ${last}`);
    await wait(250, undefined, { signal }).catch(() => undefined);
  }
}

/** One message to the endpoint, and its answer, which comes alone or as an event of a stream. */
async function send({ url, key, session, signal }, message) {
  const response = await fetch(new URL('/mcp', url), {
    method: 'POST',
    signal,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': PROTOCOL,
      ...(key && { authorization: `Bearer ${key}` }),
      ...(session && { 'mcp-session-id': session }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  const body = await response.text();
  return {
    status: response.status,
    session: response.headers.get('mcp-session-id') ?? session,
    answer: answerIn(body, message.id),
  };
}

function answerIn(body, id) {
  const texts = body.startsWith('{')
    ? [body]
    : body.split('\n').flatMap((line) => (line.startsWith('data:') ? line.slice(5) : []));
  for (const text of texts) {
    try {
      const answer = JSON.parse(text);
      if (answer.id === id) return answer;
    } catch {
      // Not an answer.
    }
  }
  return undefined;
}

async function listTools(place) {
  const clientInfo = { name: 'hostler-smoke-test', version: '1.0.0' };
  const params = { protocolVersion: PROTOCOL, capabilities: {}, clientInfo };
  const hello = await send(place, { id: 1, method: 'initialize', params });
  if (hello.status === 401 && place.key === undefined)
    return 'it lets no stranger in; nothing was listed, for want of a key';
  if (hello.answer?.result === undefined) throw new Error(`initialize: ${problemOf(hello)}`);
  const within = { ...place, session: hello.session };
  await send(within, { method: 'notifications/initialized' });
  const listed = await send(within, { id: 2, method: 'tools/list' });
  if (!Array.isArray(listed.answer?.result?.tools)) throw new Error(`tools/list: ${problemOf(listed)}`);
  await leave(within);
  const { name = 'hostler', version = '' } = hello.answer.result.serverInfo ?? {};
  return `${name} ${version} lists ${listed.answer.result.tools.length} tools`;
}

function problemOf({ status, answer }) {
  return answer?.error?.message ?? `HTTP ${status}`;
}

async function leave({ url, key, session, signal }) {
  if (!session) return;
  const headers = { 'mcp-session-id': session, ...(key && { authorization: `Bearer ${key}` }) };
  await fetch(new URL('/mcp', url), { method: 'DELETE', signal, headers }).catch(() => undefined);
}

const options = readOptions();
if (options !== undefined) {
  const started = performance.now();
  const signal = AbortSignal.timeout(options.seconds * 1000);
  try {
    await untilReady(options.url, signal);
    const what = await listTools({ ...options, signal });
    console.log(`smoke test: passed in ${((performance.now() - started) / 1000).toFixed(1)} s: ${what}`);
  } catch (error) {
    console.error(`smoke test: FAILED: ${error.message}`);
    process.exitCode = 1;
  }
}
