// A legacy and a modern server behind one endpoint, used by a legacy and a modern client. Both servers ask a question in
// the manner of their era; both clients answer in the manner of theirs. Ends with an error when something is not so.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { listen } from '@hostler/api';
import { loadConfig } from '@hostler/config';
import { createRuntime } from '@hostler/runtime';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const config = fileURLToPath(new URL('hostler.yaml', import.meta.url));
const { plan } = await loadConfig(config, { environment: process.env });
const runtime = await createRuntime({ plan, environment: process.env });
await runtime.start();
const listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false });

const answers = { 'A table for how many?': { guests: 4 }, 'Which tea?': { kind: 'green' } };

for (const [era, mode] of Object.entries({ legacy: 'legacy', modern: { pin: '2026-07-28' } })) {
  const client = new Client(
    { name: `a ${era} client`, version: '1.0.0' },
    { versionNegotiation: { mode }, capabilities: { elicitation: { form: {} } } },
  );
  client.setRequestHandler('elicitation/create', ({ params }) => {
    console.log(`${era} client is asked: ${params.message}`);
    return { action: 'accept', content: answers[params.message] };
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${listening.url}/mcp`)));
  for (const [name, expected] of [
    ['bookings__book_table', 'A table for 4 is booked.'],
    ['orders__order_tea', 'One green tea is ordered.'],
  ]) {
    const { content } = await client.callTool({ name, arguments: {} });
    assert.deepEqual(content, [{ type: 'text', text: expected }]);
    console.log(`${era} client called ${name}: ${expected}`);
  }
  await client.close();
}

await listening.close();
console.log('every question found its answer, in both eras');
