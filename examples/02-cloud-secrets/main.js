// Two servers, five secrets from four places: each arrives where hostler.yaml says and nowhere else, and one is changed
// while everything runs. Ends with an error when something is not as it says.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { listen } from '@hostler/api';
import { loadConfig } from '@hostler/config';
import { createRuntime } from '@hostler/runtime';
import { startAwsSecretsManager, startGcpSecretManager } from '@hostler/test-kit';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { startWeather } from './weather.js';

// The values, which only this file knows. In production an administrator puts them where they are kept.
const values = {
  CALENDAR_TOKEN: randomUUID(),
  DB_PASSWORD: randomUUID(),
  SIGNING_KEY: readFileSync(new URL('mounted/signing-key', import.meta.url), 'utf8').trimEnd(),
  SMTP_PASSWORD: randomUUID(),
};
const weatherKey = randomUUID();

// The two clouds: stand-ins on this machine, which the clients of Google and AWS take for the real ones.
const google = await startGcpSecretManager({ project: 'my-project' });
google.set('calendar-token', values.CALENDAR_TOKEN);
const amazon = await startAwsSecretsManager({ region: 'eu-west-1' });
amazon.set('prod/calendar-db', JSON.stringify({ login: { user: 'calendar', password: values.DB_PASSWORD } }));
amazon.set('prod/weather-key', weatherKey);
const weather = await startWeather(weatherKey);

// AWS's client finds its endpoint and its credentials in the environment, as it does anywhere.
Object.assign(process.env, amazon.environment, { MAIL_PASSWORD: values.SMTP_PASSWORD });
const { plan } = await loadConfig(fileURLToPath(new URL('hostler.yaml', import.meta.url)));
const runtime = await createRuntime({ plan: onThisMachine(plan), environment: process.env });
await runtime.start();
const listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false });

console.log(`stand-ins: Google Cloud Secret Manager on ${google.grpc}, AWS Secrets Manager on ${amazon.url}`);
console.log(`calendar is a process, weather a server on the network; clients use ${listening.url}/mcp\n`);

const declared = [...Object.keys(values), 'TIME_ZONE'];
const inherited = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'].filter((name) => process.env[name] !== undefined);
const references = new Map(plan.servers.flatMap(({ transport }) => Object.entries(transport.env ?? {})));

for (const [era, mode] of Object.entries({ legacy: 'legacy', modern: { pin: '2026-07-28' } })) {
  const client = await connect(mode);
  const { variables, right } = await askCalendar(client);
  assert.deepEqual(variables, [...declared, ...inherited].toSorted());
  assert.deepEqual(right, Object.keys(values));
  console.log(`${era} client asks calendar, which has ${variables.length} variables:`);
  console.log(`  from the configuration  ${declared.join(' ')}`);
  console.log(`  from the host           ${inherited.join(' ')}`);
  console.log(`  kept from it            the ${Object.keys(process.env).length - inherited.length} others of the host`);
  for (const name of right) console.log(`  ${name.padEnd(14)} arrived  ${describe(references.get(name))}`);

  const { content } = await client.callTool({ name: 'weather__forecast', arguments: {} });
  assert.deepEqual(content, [{ type: 'text', text: 'Tomorrow: sun.' }]);
  assert.deepEqual(weather.seen, new Set([`Bearer ${weatherKey}`]));
  console.log(`${era} client asks weather, which let it in: every request had the key of aws://prod/weather-key\n`);
  await client.close();
}

const client = await connect({ pin: '2026-07-28' });
values.CALENDAR_TOKEN = randomUUID();
google.set('calendar-token', values.CALENDAR_TOKEN);
assert.deepEqual((await askCalendar(client)).right, ['DB_PASSWORD', 'SIGNING_KEY', 'SMTP_PASSWORD']);
console.log('gcp://calendar-token has a new version; calendar still has the old one');

const answer = await fetch(`${listening.url}/v1/secrets/rotate`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{}',
});
const rotation = await answer.json();
assert.deepEqual(rotation, {
  changed: ['gcp://calendar-token'],
  failed: [],
  servers: [{ name: 'calendar', outcome: 'restarted' }],
});
console.log(`POST /v1/secrets/rotate  ${JSON.stringify(rotation)}`);
assert.deepEqual((await askCalendar(client)).right, Object.keys(values));
console.log('calendar has the new one\n');
await client.close();

await listening.close();
await Promise.all([weather.close(), google.stop(), amazon.stop()]);
console.log('exactly the declared secrets arrived, and the changed one followed');

/** The plan of hostler.yaml with the addresses of what runs here in the place of those on the internet. */
function onThisMachine({ servers, providers, ...rest }) {
  return {
    ...rest,
    servers: servers.map((server) =>
      server.name === 'weather' ? { ...server, transport: { ...server.transport, url: weather.url } } : server,
    ),
    providers: providers.map((provider) =>
      provider.use === '@hostler/secrets-gcp'
        ? { ...provider, with: { ...provider.with, endpoint: google.grpc, insecure: true } }
        : provider,
    ),
  };
}

async function connect(mode) {
  const client = new Client({ name: 'example', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${listening.url}/mcp`)));
  return client;
}

/** What calendar has; it is told digests to compare with, so that no value has to travel. */
async function askCalendar(client) {
  const digests = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, digestOf(value)]));
  const { content } = await client.callTool({ name: 'calendar__report', arguments: { digests } });
  return JSON.parse(content[0].text);
}

function digestOf(value) {
  return createHash('sha256').update(value).digest('hex');
}

function describe({ secret, as = 'env' }) {
  return `${{ env: 'in the variable', file: 'in a file', fd: 'in a descriptor' }[as].padEnd(16)} ${secret}`;
}
