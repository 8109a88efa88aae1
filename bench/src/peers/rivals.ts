import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PeerEndpoint } from './peer-session.ts';

export type Upstream =
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'stdio'; readonly command: readonly string[] };

/** Where a gateway is to run, and before what. */
export interface Stage {
  readonly upstream: Upstream;
  readonly port: number;
  /** An empty folder of its own, which is also its home. */
  readonly directory: string;
}

export interface Launch {
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly path: string;
  readonly transport?: PeerEndpoint['transport'];
  readonly headers?: PeerEndpoint['headers'];
}

export interface Rival {
  readonly name: string;
  readonly package: string;
  /** Exactly this one is installed. */
  readonly version: string;
  readonly license: string;
  /** Its entry within the package. */
  readonly entry: string;
  readonly upstreams: readonly Upstream['kind'][];
  launch(stage: Stage): Launch;
}

/**
 * What npm has that runs with Node alone, stands between a client over HTTP and a server over HTTP or stdio, and speaks
 * MCP itself. Each is given what its own documentation says, with its logs and records as low as its options allow.
 */
export const RIVALS: readonly Rival[] = [
  {
    name: '1MCP',
    package: '@1mcp/agent',
    version: '0.26.0',
    license: 'Apache-2.0',
    entry: 'build/index.js',
    upstreams: ['http', 'stdio'],
    launch(stage) {
      const config = writeServers(stage, 'mcp.json', ({ url }) => ({ type: 'streamableHttp', url }));
      const options = [
        '--transport',
        'http',
        '--host',
        '127.0.0.1',
        '--port',
        String(stage.port),
        '--log-level',
        'error',
      ];
      return { arguments: ['serve', '--config', config, ...options], path: '/mcp' };
    },
  },
  {
    name: 'MCPHub',
    package: '@samanhappy/mcphub',
    version: '0.12.12',
    license: 'Apache-2.0',
    entry: 'bin/cli.js',
    upstreams: ['http', 'stdio'],
    launch(stage) {
      const routing = { enableGlobalRoute: true, enableGroupNameRoute: true, enableBearerAuth: false, skipAuth: true };
      const config = writeServers(stage, 'mcp_settings.json', ({ url }) => ({ type: 'streamable-http', url }), {
        systemConfig: { routing },
      });
      return { arguments: [], environment: { PORT: String(stage.port), MCPHUB_SETTING_PATH: config }, path: '/mcp' };
    },
  },
  {
    name: 'mcp-hub',
    package: 'mcp-hub',
    version: '4.2.1',
    license: 'MIT',
    entry: 'dist/cli.js',
    upstreams: ['http', 'stdio'],
    launch(stage) {
      const config = writeServers(stage, 'servers.json', ({ url }) => ({ url }));
      return { arguments: ['--port', String(stage.port), '--config', config], path: '/mcp', transport: 'sse' };
    },
  },
  {
    name: 'fiberplane gateway',
    package: '@fiberplane/mcp-gateway',
    version: '0.7.1',
    license: 'MIT',
    entry: 'bin/mcp-gateway.js',
    upstreams: ['http', 'stdio'],
    launch(stage) {
      writeServers(stage, 'mcp.json', ({ url }) => ({ type: 'http', url, headers: {} }));
      const options = ['--port', String(stage.port), '--storage-dir', stage.directory];
      return { arguments: options, environment: { LOG_LEVEL: 'error' }, path: '/s/bench/mcp' };
    },
  },
  {
    name: 'civic passthrough',
    package: '@civic/passthrough-mcp-server',
    version: '0.12.1',
    license: 'MIT',
    entry: 'dist/cli.js',
    upstreams: ['http'],
    launch({ upstream, port }) {
      const url = upstream.kind === 'http' ? upstream.url : '';
      return { arguments: [], environment: { PORT: String(port), TARGET_SERVER_URL: url }, path: '/mcp' };
    },
  },
  {
    name: 'mcp-proxy',
    package: 'mcp-proxy',
    version: '6.7.19',
    license: 'MIT',
    entry: 'dist/bin/mcp-proxy.mjs',
    upstreams: ['stdio'],
    launch({ upstream, port }) {
      const options = ['--host', '127.0.0.1', '--port', String(port), '--server', 'stream', '--no-eventStore'];
      return { arguments: [...options, '--', ...commandOf(upstream)], path: '/mcp' };
    },
  },
  supergateway('stateful', ['--stateful']),
  supergateway('stateless', []),
];

function supergateway(mode: string, options: readonly string[]): Rival {
  return {
    name: `supergateway ${mode}`,
    package: 'supergateway',
    version: '4.0.0',
    license: 'MIT',
    entry: 'dist/index.js',
    upstreams: ['stdio'],
    launch({ upstream, port }) {
      const common = ['--outputTransport', 'streamableHttp', '--port', String(port), '--logLevel', 'none'];
      return { arguments: ['--stdio', commandOf(upstream).join(' '), ...common, ...options], path: '/mcp' };
    },
  };
}

function commandOf(upstream: Upstream): readonly string[] {
  return upstream.kind === 'stdio' ? upstream.command : [];
}

/** The file most of them read: their servers by name, one of which is there. */
function writeServers(
  { upstream, directory }: Stage,
  name: string,
  remote: (upstream: { readonly url: string }) => object,
  more: object = {},
): string {
  const [command, ...rest] = commandOf(upstream);
  const server = upstream.kind === 'http' ? remote(upstream) : { type: 'stdio', command, args: rest };
  const file = join(directory, name);
  writeFileSync(file, JSON.stringify({ ...more, mcpServers: { bench: server } }));
  return file;
}
