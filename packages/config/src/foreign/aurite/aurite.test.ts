import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../format-problems.ts';
import { parseConfig } from '../../parse.ts';
import type { LoadedConfig } from '../../source.ts';

const HOST = '/srv/aurite/config/agents/testing.json';
const PROJECT = '/srv/aurite/config/projects/default.json';
const ENVIRONMENT = { REGION: 'eu', GITHUB_TOKEN: 'in-the-environment' };

function load(value: object, file = HOST): LoadedConfig {
  return parseConfig(JSON.stringify(value, undefined, 1), file, { environment: ENVIRONMENT });
}

function notesOf(value: object): string[] {
  return load(value).notes.map(
    ({ path, message, hint }) => `${path}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

function problemsOf(value: object): string[] {
  try {
    load(value);
  } catch (error) {
    return formatProblems(error)
      .split('\n')
      .map((line) => line.replace(`${HOST}:`, ''));
  }
  return [];
}

const LATEST = 'projects/my-project/secrets/weather-key/versions/latest';

const WEATHER = {
  client_id: 'weather_server',
  server_path: 'src/servers/weather.py',
  roots: [
    { uri: 'weather:///', name: 'Weather', capabilities: ['read'] },
    { uri: 'file:///srv/data', name: 'Data', capabilities: ['read'] },
  ],
  capabilities: ['tools', 'prompts', 'roots'],
  timeout: 10.0,
  routing_weight: 1.0,
  exclude: ['delete_all', 'weather://private'],
  gcp_secrets: [
    { secret_id: LATEST, env_var_name: 'WEATHER_KEY' },
    { secret_id: 'short-name', env_var_name: 'OTHER_KEY' },
  ],
};

const one = (client: object): object => ({ clients: [{ client_id: 'a', ...client }] });

describe('a host file of Aurite', () => {
  const config = { name: 'Host', clients: [WEATHER], agents: [{ name: 'x' }], workflows: [], llms: [] };

  it('becomes a plan in which secrets are references', () => {
    const { plan, format } = load(config);
    expect(format).toBe('aurite');
    expect(plan.servers).toEqual([
      {
        name: 'weather_server',
        transport: {
          kind: 'stdio',
          command: 'python',
          args: ['weather.py'],
          env: { WEATHER_KEY: { secret: `gcp://${LATEST}` }, OTHER_KEY: { secret: 'gcp://short-name' } },
          cwd: '/srv/aurite/src/servers',
        },
        era: 'auto',
        interactive: true,
        required: false,
        startTimeout: 30_000,
        callTimeout: 10_000,
        roots: [{ uri: 'file:///srv/data', name: 'Data' }],
        offer: { include: ['tool:*', 'prompt:*'], exclude: ['delete_all', 'resource:weather://private'] },
      },
    ]);
    expect(plan.providers).toEqual([{ use: '@hostler/secrets-gcp', with: {} }]);
  });

  it('says what it leaves out and what must be done', () => {
    const notCarried = 'is not carried over: Hostler runs the servers; agents and workflows call them from outside';
    expect(notesOf(config)).toEqual([
      'clients[0]: Aurite gave programs its whole environment; here they get what env names (add the variables that this one needs, and look at the others too)',
      'clients[0].roots: are kept to here: the server is told of them, and resources outside are refused',
      'clients[0].roots[0]: is not used: only folders are roots, as file:/// URIs',
      'clients[0].routing_weight: is not used: weights belong to groups, and Aurite did not use it either',
      'clients[0].gcp_secrets: needs the package @hostler/secrets-gcp (npm install @hostler/secrets-gcp, beside the configuration)',
      `agents: ${notCarried}`,
      `workflows: ${notCarried}`,
      `llms: ${notCarried}`,
    ]);
  });

  it('notes keys that nobody knows', () => {
    const client = { http_endpoint: 'https://a.example/mcp', tiemout: 5 };
    expect(notesOf({ ...one(client), memory: {} })).toEqual([
      'clients[0].tiemout: is not known and not used (did you mean "timeout"?)',
      'memory: is not known and not used',
    ]);
  });
});

describe('agents of Aurite', () => {
  const config = (agents: object): object => ({
    clients: [
      { client_id: 'git hub', server_path: 'a.py' },
      { client_id: 'files', server_path: 'a.py' },
    ],
    agents,
  });

  it('become bundles of what they were allowed', () => {
    const { plan } = load(
      config([
        { name: 'Reviewer', client_ids: ['git hub', 'lost'], exclude_components: ['delete_all', 'file:///etc/x'] },
        { name: 'nobody', client_ids: [] },
        { name: 'everybody', client_ids: null, exclude_components: ['x'] },
        { name: 'free', client_ids: null },
        { name: 'Reviewer', client_ids: [] },
      ]),
    );
    expect(plan.bundles).toEqual([
      { name: 'Reviewer', servers: ['git-hub'], deny: ['*/delete_all', 'resource:*/file:///etc/x'] },
      { name: 'nobody', servers: [] },
      { name: 'everybody', deny: ['*/x'] },
    ]);
  });

  it('may be a map by name; what is left out of them is said', () => {
    const notes = notesOf(config({ one: { client_ids: ['lost', 'files'] }, '!': { client_ids: [] } }));
    expect(notes.filter((note) => note.startsWith('agents'))).toEqual([
      'agents: is not carried over: Hostler runs the servers; agents and workflows call them from outside',
      'agents.one: is the bundle "one" here: what it may use, at /bundles/one/mcp',
      'agents.one.client_ids[0]: is no client of this file, and left out',
      'agents["!"]: is left out: a bundle needs a name of its own',
    ]);
  });
});

describe('a project file of Aurite', () => {
  it('has its clients in a map, or as names of other files', () => {
    const config = {
      name: 'p',
      description: 'd',
      clients: { web: { http_endpoint: 'https://{REGION}.example/mcp', transport_type: 'http_stream' }, lost: 'lost' },
    };
    const { plan, notes } = load(config, PROJECT);
    expect(plan.servers.map(({ name, transport }) => [name, transport])).toEqual([
      ['web', { kind: 'http', url: 'https://eu.example/mcp', headers: {} }],
    ]);
    expect(notes.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'clients.lost: is the name of a client in another file: import that file too',
    ]);
    expect(plan.providers).toEqual([]);
  });
});

describe('a client file of Aurite', () => {
  it('holds a list of clients, or one', () => {
    const list = load([{ client_id: 'a', server_path: '/x/a.py' }], '/srv/aurite/config/clients/a.json');
    const single = load({ client_id: 'a', server_path: 'a.py' }, '/srv/a.json');
    expect(list.plan.servers[0]?.transport).toMatchObject({ args: ['a.py'], cwd: '/x' });
    expect(single.plan.servers[0]).toMatchObject({ name: 'a', transport: { args: ['a.py'], cwd: '/srv' } });
  });
});

describe('a client of Aurite', () => {
  it('may send secrets in headers', () => {
    const headers = { Authorization: 'Bearer {GITHUB_TOKEN}', 'x-key': '{K}', 'x-team': 'data', Host: 'b' };
    const gcp_secrets = [{ secret_id: 's', env_var_name: 'K' }];
    const { plan } = load(one({ http_endpoint: 'https://a.example', headers, gcp_secrets }));
    expect(plan.servers[0]?.transport).toEqual({
      kind: 'http',
      url: 'https://a.example',
      headers: {
        Authorization: { secret: 'env://GITHUB_TOKEN', format: 'Bearer {}' },
        'x-key': { secret: 'gcp://s' },
        'x-team': 'data',
      },
    });
    expect(plan.providers).toHaveLength(1);
    expect(JSON.stringify(plan)).not.toContain('in-the-environment');
  });

  it('has nothing filled into its arguments', () => {
    const args = ['--token={GITHUB_TOKEN}', '{REGION}', '{K}', '{"city": 1}', '{city}'];
    const gcp_secrets = [{ secret_id: 's', env_var_name: 'K' }];
    const secret = 'a secret cannot be an argument: every user of the machine sees it';
    expect(problemsOf(one({ command: 'x', args, gcp_secrets }))).toEqual([
      `7:5 clients[0].args[0]: ${secret} (let the program read GITHUB_TOKEN from its environment)`,
      '8:5 clients[0].args[1]: {REGION} is not filled in: every user of the machine sees arguments (write the value itself, or let the program read REGION from its environment)',
      `9:5 clients[0].args[2]: ${secret} (let the program read K from its environment)`,
    ]);
    expect(notesOf(one({ command: 'x', args: args.slice(3) }))).toContain(
      'clients[0].args[1]: {city} stays as it is: nothing is filled in here',
    );
  });

  it.each<[string, object, string]>([
    [
      'a secret in a URL',
      { http_endpoint: 'https://a.example/?k={GITHUB_TOKEN}' },
      '5:21 clients[0].http_endpoint: a secret cannot be part of a URL: logs and errors show URLs (send it in headers as { secret: "…" })',
    ],
    [
      'a variable that is not set',
      { http_endpoint: 'https://{WHERE}/mcp' },
      '5:21 clients[0].http_endpoint: the variable WHERE is not set',
    ],
    [
      'a secret without a variable',
      { server_path: 'a.py', gcp_secrets: [{ secret_id: 's' }] },
      '7:5 clients[0].gcp_secrets[0]: expected { secret_id, env_var_name }',
    ],
    [
      'one variable for two secrets',
      {
        server_path: 'a.py',
        gcp_secrets: [
          { secret_id: 's', env_var_name: 'A' },
          { secret_id: 't', env_var_name: 'A' },
        ],
      },
      '13:22 clients[0].gcp_secrets[1].env_var_name: this variable stands here twice',
    ],
    [
      'a variable that loads code',
      { server_path: 'a.py', gcp_secrets: [{ secret_id: 's', env_var_name: 'LD_PRELOAD' }] },
      '9:6 clients[0].gcp_secrets[0].env_var_name: this variable is refused: it makes the program load foreign code before it starts (if that is meant, add LD_PRELOAD to allowEnv of this server)',
    ],
    [
      'a secret of which the name holds white space',
      { server_path: 'a.py', gcp_secrets: [{ secret_id: 'a b', env_var_name: 'A' }] },
      '8:19 clients[0].gcp_secrets[0].secret_id: must be a secret reference: scheme://rest, such as env://NAME',
    ],
    [
      'neither a program nor an address',
      {},
      '3:3 clients[0]: missing key "command" or "url" (command starts a program, url connects to a running server)',
    ],
    [
      'two programs',
      { server_path: 'a.py', command: 'b' },
      '5:4 clients[0].server_path: a client has either server_path or command, not both',
    ],
  ])('is refused with the line of the file: %s', (_, client, expected) => {
    expect(problemsOf(one(client))).toEqual([expected]);
  });
});
