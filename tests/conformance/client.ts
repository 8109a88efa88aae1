import type { OAuthSpec, UpstreamSpec } from '@hostler/kernel';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { servePlan } from '../serve.ts';
import { agree } from './agree.ts';

// Usage: client.ts legacy|modern <url>: what the suite takes for a client is Hostler, driven by an official client behind it.
const [era, url] = process.argv.slice(2);
const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
if (url === undefined || (era !== 'legacy' && era !== 'modern'))
  throw new Error('Usage: client.ts legacy|modern <url>');
const spec: UpstreamSpec = {
  name: 'suite',
  transport: { kind: 'http', url, headers: {}, ...(scenario.startsWith('auth/') && { oauth: oauthOf() }) },
  era: 'auto',
  interactive: true,
  required: false,
  // The suite starts forty of these programs at once, and gives each 30 s: on two cores a start with its OAuth takes a third of it.
  startTimeout: 25_000,
  callTimeout: 15_000,
};
// The suite knows its client by this address.
const publicUrl = 'https://conformance-test.local';
const isByDocument = scenario === 'auth/basic-cimd';
const config = `servers: {}\nlog: { level: debug }\n${isByDocument ? `auth: { resource: ${publicUrl}/mcp }\n` : ''}`;
const served = await servePlan([spec], { config });
try {
  await drive(await connect(`${served.url}/servers/suite/mcp`, era));
} catch (error) {
  console.error(served.log());
  throw error;
} finally {
  await served.close();
}

async function connect(endpoint: string, clientEra: 'legacy' | 'modern'): Promise<Client> {
  const client = new Client(
    { name: 'conformance-driver', version: '1.0.0' },
    {
      versionNegotiation: { mode: clientEra === 'legacy' ? 'legacy' : { pin: '2026-07-28' } },
      capabilities: { elicitation: { form: { applyDefaults: true }, url: {} }, sampling: {}, roots: {} },
    },
  );
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    if (params.mode === 'url') {
      await agree(params.url, (address) => address.replace(publicUrl, served.url));
      return { action: 'accept' };
    }
    const isDefaults = params.message.includes('defaults');
    return { action: 'accept', content: isDefaults ? {} : { confirmed: true } };
  });
  client.setRequestHandler('roots/list', () => ({ roots: [] }));
  await client.connect(new StreamableHTTPClientTransport(new URL(endpoint)));
  return client;
}

/** Uses everything that the scenario's server offers. */
async function drive(client: Client): Promise<void> {
  const offered = client.getServerCapabilities() ?? {};
  const tools = offered.tools ? (await client.listTools()).tools : [];
  const calls = contextCalls() ?? tools.map(({ name }) => ({ name, arguments: parametersOf(name, tools) }));
  // Some of the suite's servers answer no call: it judges what they were sent.
  for (const call of calls) await client.callTool(call).catch((error: unknown) => console.error(call.name, error));
  // What a server offers may be known only when its user has agreed.
  const later = offered.tools && scenario.startsWith('auth/') ? (await client.listTools()).tools : [];
  for (const { name } of later.filter((tool) => tools.every((before) => before.name !== tool.name))) {
    await client.callTool({ name, arguments: {} }).catch((error: unknown) => console.error(name, error));
  }
  if (offered.resources) {
    for (const { uri } of (await client.listResources()).resources) await client.readResource({ uri });
  }
  if (offered.prompts) {
    for (const { name } of (await client.listPrompts()).prompts) await client.getPrompt({ name });
  }
  await client.close();
}

interface ToolCall {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

/** The client that the suite has registered, if it has. */
function oauthOf(): OAuthSpec {
  const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as Record<string, string | undefined>;
  const { client_id: clientId, issuer } = context;
  if (context['client_secret'] !== undefined) process.env['SUITE_SECRET'] = context['client_secret'];
  if (context['private_key_pem'] !== undefined) process.env['SUITE_KEY'] = context['private_key_pem'];
  return {
    grant: scenario.startsWith('auth/client-credentials') ? 'client-credentials' : 'authorization-code',
    ...(clientId !== undefined && { clientId }),
    ...(issuer !== undefined && { issuer }),
    ...(context['client_secret'] !== undefined && { clientSecret: { secret: 'env://SUITE_SECRET' } }),
    ...(context['private_key_pem'] !== undefined && { clientKey: { secret: 'env://SUITE_KEY' } }),
    ...(context['signing_algorithm'] !== undefined && { clientKeyAlgorithm: context['signing_algorithm'] }),
  };
}

/** Calls that the suite prescribes. */
function contextCalls(): readonly ToolCall[] | undefined {
  const context = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as { toolCalls?: readonly ToolCall[] };
  return context.toolCalls;
}

function parametersOf(name: string, tools: readonly { name: string; inputSchema: unknown }[]): Record<string, unknown> {
  const samples: Readonly<Record<string, Record<string, unknown>>> = {
    add_numbers: { a: 5, b: 3 },
    valid_tool: { region: 'us-west1' },
    lookup_user: { id: 'ada' },
    json_schema_echo: { schema: tools.find((tool) => tool.name === 'json_schema_2020_12_tool')?.inputSchema },
  };
  return samples[name] ?? {};
}
