// Two teams at one endpoint: each sees and calls what is its own, strangers get nowhere, and a key that was taken back is
// good for nothing at once. Ends with an error when something is not as it says.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { listen } from '@hostler/api';
import { createKey } from '@hostler/auth';
import { loadConfig } from '@hostler/config';
import { createRuntime } from '@hostler/runtime';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const keys = { 'data-team': createKey().key, 'finance-team': createKey().key };
const sees = {
  'data-team': ['warehouse__query', 'wiki__search'],
  'finance-team': ['billing__get_invoice', 'wiki__search'],
};
const everything = [
  'warehouse__query',
  'warehouse__drop_table',
  'billing__get_invoice',
  'billing__pay_invoice',
  'wiki__search',
];
const eras = { legacy: 'legacy', modern: { pin: '2026-07-28' } };

const environment = { ...process.env, DATA_TEAM_KEY: keys['data-team'], FINANCE_TEAM_KEY: keys['finance-team'] };
const { plan } = await loadConfig(fileURLToPath(new URL('hostler.yaml', import.meta.url)), { environment });
const runtime = await createRuntime({ plan, environment });
await runtime.start();
const listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false });
const url = new URL(`${listening.url}/mcp`);

for (const [era, mode] of Object.entries(eras)) {
  for (const [team, names] of Object.entries(sees)) {
    const client = await connect(keys[team], mode);
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(({ name }) => name).toSorted(), names.toSorted());
    for (const name of everything) {
      if (names.includes(name)) assert.match(await call(client, name), /was called/);
      else assert.equal(await call(client, name), (await call(client, 'wiki__nothing')).replace('wiki__nothing', name));
    }
    console.log(`${era} client of ${team} sees and calls ${names.join(' and ')}; the rest does not exist for it`);
    await client.close();
  }
}

for (const team of Object.keys(sees)) {
  const reader = await connect(keys[team], eras.modern, 'handbook');
  const { tools } = await reader.listTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['wiki__search'],
  );
  assert.equal(reader.getInstructions(), 'Search the wiki before you ask a colleague.');
  await reader.close();
}
const closing = await connect(keys['finance-team'], eras.modern, 'month-end');
assert.match(await call(closing, 'billing__get_invoice'), /was called/);
await closing.close();
const [mine, none] = await Promise.all(['month-end', 'nothing'].map((bundle) => ask(keys['data-team'], bundle)));
assert.deepEqual([mine.status, none.status], [404, 404]);
console.log('the bundle handbook is for both, month-end for finance-team alone: for data-team there is no such thing');

for (const key of [undefined, createKey().key]) {
  await assert.rejects(connect(key, eras.modern));
  console.log(`a stranger with ${key === undefined ? 'no key' : 'another key'} gets 401`);
  assert.equal((await ask(key)).status, 401);
}

const client = await connect(keys['data-team'], eras.legacy);
const colleague = await connect(keys['finance-team'], eras.legacy);
await runtime.apply({ ...plan, consumers: plan.consumers.filter(({ name }) => name !== 'data-team') });
assert.equal((await ask(keys['data-team'])).status, 401);
await delay(1000);
await assert.rejects(client.callTool({ name: 'wiki__search', arguments: {} }));
assert.match(await call(colleague, 'wiki__search'), /was called/);
console.log('data-team is gone from the configuration: its session has ended, finance-team goes on');
await Promise.allSettled([client.close(), colleague.close()]);

await listening.close();
console.log('each team had what is its own, and nobody had anything else');

async function connect(key, mode, bundle) {
  const client = new Client({ name: 'example', version: '1.0.0' }, { versionNegotiation: { mode } });
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const place = bundle === undefined ? url : new URL(`/bundles/${bundle}/mcp`, url);
  await client.connect(new StreamableHTTPClientTransport(place, { requestInit: { headers } }));
  return client;
}

/** What a tool says, or why there is none. */
async function call(client, name) {
  try {
    const { content } = await client.callTool({ name, arguments: {} });
    return content[0].text;
  } catch (error) {
    return error.message;
  }
}

/** Any request will do: it is not looked at before it is known who sent it. */
function ask(key, bundle) {
  const headers = key === undefined ? {} : { 'x-api-key': key };
  return fetch(`${listening.url}/v1/tools${bundle === undefined ? '' : `?bundle=${bundle}`}`, { headers });
}
