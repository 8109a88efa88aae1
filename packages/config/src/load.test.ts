import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importConfig } from './import-config.ts';
import { loadConfig } from './load.ts';
import type { HostPlan } from './plan/host-plan.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostler-config-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

describe('loadConfig', () => {
  it('reads a file', async () => {
    const file = await write('hostler.yaml', 'servers: { a: { command: ./b } }');
    const { plan, format } = await loadConfig(file);
    expect(format).toBe('hostler');
    expect(plan).toMatchObject({ source: file, servers: [{ transport: { command: join(folder, 'b'), cwd: folder } }] });
  });

  it('starts relative paths at the folder of a file of ours, wherever that is', async () => {
    const { plan } = await loadConfig(await write('.vscode/hostler.yaml', 'servers: { a: { command: b } }'));
    expect(plan.servers[0]?.transport).toMatchObject({ cwd: join(folder, '.vscode') });
  });

  it('reads the files that a foreign file names', async () => {
    await write('secrets/.env', 'A=1\n');
    const config = { servers: { a: { command: 'b', envFile: '${workspaceFolder}/secrets/.env' } } };
    const { plan } = await loadConfig(await write('.vscode/mcp.json', JSON.stringify(config)));
    expect(plan.servers[0]?.transport).toMatchObject({ env: { A: '1' }, cwd: folder });
  });

  it('reports a missing envFile with its line', async () => {
    const file = await write('.mcp.json', '{"mcpServers": {\n"a": {"command": "b", "envFile": ".env"}}}');
    await expect(loadConfig(file)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { count: 1, problems: [{ file, line: 2, column: 34, path: 'mcpServers.a.envFile' }] },
    });
  });

  it('says that there is no file', async () => {
    const file = join(folder, 'no', 'hostler.yaml');
    await expect(loadConfig(file)).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND', details: { file } });
  });

  it('says why a file cannot be read', async () => {
    const reasonOf = async (path: string): Promise<unknown> => {
      return loadConfig(path).catch((error: { code: string; details: object }) => ({
        code: error.code,
        ...error.details,
      }));
    };
    await mkdir(join(folder, 'hostler.yaml'));
    const code = 'CONFIG_UNREADABLE';
    expect(await reasonOf(join(folder, 'hostler.yaml'))).toMatchObject({ code, reason: 'it is not a regular file' });
    expect(await reasonOf(await write('a.toml', ''))).toMatchObject({
      code,
      reason: 'its name must end in .yaml, .yml, .json or .jsonc',
    });
    expect(await reasonOf(await write('b.yaml', Uint8Array.of(0x61, 0xff)))).toMatchObject({
      code,
      reason: 'it is not UTF-8 text',
    });
    expect(await reasonOf(await write('c.yaml', `#${' '.repeat(1024 * 1024)}`))).toMatchObject({
      code,
      reason: 'it is larger than 1 MiB',
    });
  });

  it('reads a file of exactly 1 MiB', async () => {
    const text = 'servers: {} #';
    const file = await write('hostler.yaml', text.padEnd(1024 * 1024, 'x'));
    expect((await loadConfig(file)).plan.servers).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)('says that permission is denied', async () => {
    const file = await write('hostler.yaml', 'servers: {}');
    await chmod(file, 0o000);
    await expect(loadConfig(file)).rejects.toMatchObject({ details: { reason: 'permission denied' } });
  });
});

const FOREIGN: readonly (readonly [file: string, config: object])[] = [
  [
    '.mcp.json',
    {
      mcpServers: {
        'my server': {
          command: './bin/x',
          args: ['${PORT}', '#!', '- a'],
          env: { A: '${TOKEN}', B: '${C:-yes}', N: '1' },
        },
        web: { url: 'https://a/mcp', headers: { Authorization: 'Bearer ${TOKEN}' }, oauth: {} },
        old: { type: 'sse', url: 'https://a/sse' },
        older: { type: 'sse', url: 'https://a/events' },
        found: { type: 'http', url: 'https://a/sse' },
        socket: { type: 'ws', url: 'wss://a/mcp' },
        off: { command: 'x', disabled: true },
      },
    },
  ],
  ['claude_desktop_config.json', { mcpServers: { a: { command: 'npx', args: ['-y', 'x: y'], cwd: 'sub' } } }],
  [
    '.cursor/mcp.json',
    { mcpServers: { a: { command: '${workspaceFolder}/x', envFile: '.env', env: { K: '${env:K}' } } } },
  ],
  ['cline_mcp_settings.json', { mcpServers: { a: { command: 'x', autoApprove: [], timeout: 3 } } }],
  [
    '.vscode/mcp.json',
    {
      inputs: [{ id: 'key', type: 'promptString', password: true }],
      servers: {
        a: { type: 'stdio', command: './x', env: { K: '${input:key}' } },
        b: { type: 'http', url: 'https://b' },
      },
    },
  ],
  ['inspector/mcp.json', { mcpServers: { a: { url: 'https://a', protocolEra: 'legacy', requestTimeout: 1234 } } }],
  [
    'config/projects/default.json',
    {
      clients: {
        a: { server_path: 'src/a.py', gcp_secrets: [{ secret_id: 'key', env_var_name: 'KEY' }], exclude: ['x'] },
        b: { http_endpoint: 'https://b/{PORT}/mcp', headers: { k: 'x {TOKEN}' }, timeout: '2.5' },
      },
      agents: {},
    },
  ],
];

describe('importConfig', () => {
  const options = { environment: { PORT: '9000', HOME: '/home/me' } };
  const withoutSource = (plan: HostPlan): object => ({ ...plan, source: '', folder: '', written: {} });

  it.each(FOREIGN)('writes a file that means the same: %s', async (name, config) => {
    await write('.env', 'PLAIN="a b"\nQUOTED=\'$X\'\n');
    const file = await write(name, JSON.stringify(config));
    const { plan } = await loadConfig(file, options);
    const target = join(name.startsWith('inspector') ? join(folder, 'inspector') : folder, 'hostler.yaml');
    const text = await importConfig(file, options);
    await writeFile(target, text);
    const imported = await loadConfig(target);
    expect(imported.format).toBe('hostler');
    expect(withoutSource(imported.plan)).toEqual(withoutSource(plan));
    expect(plan.servers.length).toBeGreaterThan(0);
  });

  it('means the same in another folder too', async () => {
    const file = await write('.mcp.json', JSON.stringify(FOREIGN[0]?.[1]));
    const target = join(folder, 'deploy/hostler.yaml');
    await write('deploy/hostler.yaml', await importConfig(file, { ...options, target }));
    const { plan } = await loadConfig(file, options);
    expect(withoutSource((await loadConfig(target)).plan)).toEqual(withoutSource(plan));
  });

  it('writes what a person would', async () => {
    const file = await write('.mcp.json', JSON.stringify(FOREIGN[0]?.[1]));
    expect(await importConfig(file, options)).toBe(`# Imported from ${file}
# Editors complete and check this file when $schema leads to its JSON Schema.
#
# What the import changed or left out, and what to look at:
# - mcpServers["my server"]: is called "my-server" here
# - mcpServers.web.oauth: is not supported yet

$schema: ./hostler.schema.json
servers:
  my-server:
    command: ./bin/x
    args:
      - "9000"
      - "#!"
      - "- a"
    env:
      A:
        secret: env://TOKEN
      B: yes
      N: "1"
  web:
    url: https://a/mcp
    headers:
      Authorization:
        secret: env://TOKEN
        format: Bearer {}
  old:
    url: https://a/sse
  older:
    type: sse
    url: https://a/events
  found:
    type: http
    url: https://a/sse
  socket:
    url: wss://a/mcp
  off:
    command: x
    disabled: true
`);
  });

  it('does not copy secrets out of an envFile', async () => {
    await write('.env', 'API_TOKEN=do-not-copy\nPLAIN=copy\n');
    const file = await write('.cursor/mcp.json', '{"mcpServers": {"a": {"command": "b", "envFile": ".env"}}}');
    const text = await importConfig(file);
    expect(text).not.toContain('do-not-copy');
    expect(text).toContain('set the variable API_TOKEN: its value was not copied from this file');
    const { plan } = await loadConfig(await write('hostler.yaml', text));
    expect(plan.servers[0]?.transport).toMatchObject({
      env: { API_TOKEN: { secret: 'env://API_TOKEN' }, PLAIN: 'copy' },
    });
  });

  it('refuses to write a secret into a command line', async () => {
    const file = await write('.mcp.json', '{"mcpServers": {"a": {"command": "b", "args": ["${API_TOKEN}"]}}}');
    await expect(importConfig(file, { environment: { API_TOKEN: 'do-not-copy' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { problems: [{ path: 'mcpServers.a.args[0]', line: 1 }] },
    });
  });

  it('refuses to write what it could not read again', async () => {
    const file = await write('.mcp.json', '{"mcpServers": {"a": {"command": "b", "args": ["${PATTERN}"]}}}');
    await expect(importConfig(file, { environment: { PATTERN: '${x}' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { problems: [{ file: join(folder, 'hostler.yaml'), path: 'servers.a.args[0]' }] },
    });
  });

  it('refuses a file of ours', async () => {
    const file = await write('hostler.yaml', 'servers: {}');
    await expect(importConfig(file)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
