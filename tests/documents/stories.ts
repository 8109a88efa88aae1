import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './documents.ts';
import type { Place, Story } from './step.ts';

const server = join(import.meta.dirname, '../stand-in-server.mjs');

/** Four small servers, two consumers, a lockfile, a record and an encrypted file: what most documents speak of. */
const configuration = (port: number): string => `servers:
  files: { command: node, args: [${server}, list_directory] }
  everything: { command: node, args: [${server}, echo, get-sum] }
  memory: { command: node, args: [${server}, read_graph, 'memory://knowledge-graph'] }
  github:
    command: node
    args: [${server}, create_issue, delete_repo]
    env: { TOKEN: { secret: 'env://GITHUB_TOKEN' } }
listen: { port: ${port} }
secrets: { local: {} }
lock: { file: hostler.lock }
audit: { sinks: [{ type: file, directory: record }] }
api: { servers: { enabled: true, hosts: [mcp.example.com] }, secrets: { enabled: true } }
consumers:
  claude: { keys: [{ secret: 'env://CLAUDE_KEY' }], deny: ['tool:github/delete_*'] }
  ci: { keys: [{ secret: 'env://CI_KEY' }], roles: [admin] }
`;

const initialize = `${JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'reader', version: '1' } },
})}\n`;

async function prepareHost({ folder, port, run }: Place): Promise<Readonly<Record<string, string>>> {
  const [claudeKey, ciKey] = [await run('hostler keys create'), await run('hostler keys create')];
  await writeFile(join(folder, 'hostler.yaml'), configuration(port));
  await writeFile(join(folder, 'claude.key'), claudeKey);
  return { GITHUB_TOKEN: 'ghp_of-a-document', CLAUDE_KEY: claudeKey, CI_KEY: ciKey, HOSTLER_KEY: ciKey };
}

const host: Story = {
  name: 'a host with consumers',
  prepare: prepareHost,
  steps: [
    {
      command: 'export HOSTLER_ENCRYPTION_KEY="base64:$(openssl rand -base64 32)"',
      prints: /^$/,
    },
    { command: 'hostler validate', prints: /ok hostler\.yaml: 4 servers/ },
    { command: 'hostler validate hostler.yaml', prints: /ok hostler\.yaml: 4 servers/ },
    { command: 'hostler secrets set github-token', input: 'a-value-of-a-document', prints: /github-token/ },
    { command: 'hostler secrets list', prints: /github-token/ },
    { command: 'hostler secrets get github-token --reveal', prints: /a-value-of-a-document/ },
    { command: 'hostler secrets rm github-token', prints: /github-token/ },
    { command: 'hostler secrets check', prints: /env:\/\/GITHUB_TOKEN +env/ },
    { command: 'hostler lock init', prints: /differences approved/ },
    { command: 'hostler lock diff', prints: /as it was approved/ },
    { command: 'hostler lock approve github/create_issue', prints: /differences approved/ },
    { command: 'hostler doctor', prints: /✓ secrets: \d+ of \d+ can be read/ },
    { command: 'hostler doctor --config hostler.yaml', prints: /✓ config: hostler\.yaml is valid/ },
    { command: 'hostler tools', prints: /github__delete_repo/ },
    { command: 'hostler tools --config hostler.yaml', prints: /files__list_directory/ },
    { command: 'hostler tools --as claude', prints: /^(?![^]*delete_repo)[^]*github__create_issue/ },
    { command: 'hostler why github__delete_repo --as claude', exitCode: 5, prints: /hidden: "tool:github\/delete_\*"/ },
    { command: 'hostler call files__list_directory --arg path=. --config hostler.yaml', prints: /"path":"\."/ },
    { command: 'hostler call everything__echo --arg message=hello', prints: /"message":"hello"/ },
    { command: `hostler call get-sum --server everything --args '{"a":2,"b":3}'`, prints: /"a":2,"b":3/ },
    { command: 'hostler resources read memory://knowledge-graph --json', prints: /known to all/ },
    { command: 'hostler stdio --config hostler.yaml', input: initialize, prints: /"protocolVersion":"2025-11-25"/ },
    { command: 'hostler keys create claude --expires 90d', prints: /hk_[^]*hash: sha256:/ },
    { command: 'hostler keys create ci-bot', prints: /hk_[^]*ci-bot/ },
    { command: 'hostler keys create client > client-key', prints: /hash: sha256:/ },
    { command: 'chmod 444 client-key', prints: /^$/ },
    { command: 'hostler keys create monitoring > monitoring-key', prints: /hash: sha256:/ },
    { command: 'hostler keys verify < claude.key', prints: /key of claude/ },
    { command: 'hostler run', serves: true, prints: /127\.0\.0\.1:\d+\/mcp/ },
    { command: 'hostler run hostler.yaml', serves: true, prints: /127\.0\.0\.1:\d+\/mcp/ },
    { command: 'hostler run --workers 4', serves: true, prints: /127\.0\.0\.1:\d+\/mcp/ },
    { command: 'eval "$(hostler completion bash)"', prints: /^$/ },
    { command: 'hostler audit verify', prints: /intact/ },
    { command: 'hostler audit export --since 30d --format csv > month.csv', prints: /^$/ },
  ],
  whileServed: [
    { command: 'hostler servers list', prints: /github +up/ },
    { command: 'HOSTLER_KEY=$CLAUDE_KEY hostler servers list', isOwn: true, exitCode: 4, prints: /servers:read/ },
    { command: 'hostler audit tail -f --outcome refused', serves: true, prints: /refused/, exitCode: 'any' },
    { command: 'hostler secrets rotate', prints: /\w/ },
    { command: 'hostler oauth list', prints: /\w/ },
    { command: `hostler audit search --consumer ci --tool 'delete_*' --since 7d --json`, exitCode: 5, prints: /^$/ },
  ],
};

const newcomer: Story = {
  name: 'a folder without a configuration',
  prepare: async ({ folder }) => {
    const known = { mcpServers: { files: { command: 'node', args: [server, 'list_directory'] } } };
    await mkdir(join(folder, 'home', '.cursor'), { recursive: true });
    await writeFile(join(folder, 'home', '.cursor', 'mcp.json'), JSON.stringify(known));
    await copyFile(join(root, '.env.example'), join(folder, '.env.example'));
    return { HOME: join(folder, 'home') };
  },
  steps: [
    { command: 'hostler import ~/.cursor/mcp.json', prints: /hostler\.yaml/ },
    { command: 'cp .env.example .env', prints: /^$/ },
    { command: 'hostler new secret-provider acme', prints: /hostler-secrets-acme/ },
  ],
};

const repository: Story = {
  name: 'this repository',
  isInRepository: true,
  prepare: async () => ({ PORT: '0' }),
  steps: [
    { command: 'npm run -s hostler -- --help', prints: /Usage: hostler/ },
    {
      command: 'npm run -s hostler -- tools --config examples/01-quickstart/hostler.yaml',
      prints: /everything__echo/,
    },
    {
      command:
        'npm run -s hostler -- call files__read_text_file --arg path=welcome.txt --config examples/01-quickstart/hostler.yaml',
      prints: /\w/,
    },
    { command: 'npm run -s hostler -- doctor examples/01-quickstart/hostler.yaml', prints: /✓ config/ },
    {
      command: 'pnpm hostler run examples/01-quickstart/hostler.yaml',
      serves: true,
      prints: /127\.0\.0\.1:\d+\/mcp/,
    },
  ],
};

export const stories: readonly Story[] = [host, newcomer, repository];
