import { describe, expect, it } from 'vitest';
import { formatProblems } from '../format-problems.ts';
import { parseConfig } from '../parse.ts';
import type { ConfigContext, LoadedConfig } from '../source.ts';

const CLAUDE = '/home/me/project/.mcp.json';
const DESKTOP = '/home/me/Claude/claude_desktop_config.json';
const CURSOR = '/home/me/project/.cursor/mcp.json';
const CLINE = '/home/me/cline/cline_mcp_settings.json';
const VS_CODE = '/home/me/project/.vscode/mcp.json';
const ENVIRONMENT = { HOME: '/home/me', PORT: '9000', EMPTY: '', API_TOKEN: 'in-the-environment' };

function load(value: object, file: string, context: ConfigContext = { environment: ENVIRONMENT }): LoadedConfig {
  return parseConfig(JSON.stringify(value, undefined, 1), file, context);
}

function notesOf(value: object, file: string): string[] {
  const { notes } = load(value, file);
  return notes.map(({ path, message, hint }) => `${path}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
}

function problemsOf(value: object, file: string, context?: ConfigContext): string[] {
  try {
    load(value, file, context);
  } catch (error) {
    return formatProblems(error)
      .split('\n')
      .map((line) => line.replace(`${file}:`, ''));
  }
  return [];
}

const DEFAULTS = { era: 'auto', interactive: true, required: false, startTimeout: 30_000, callTimeout: 60_000 };

describe('a file of Claude Code', () => {
  const config = {
    mcpServers: {
      github: {
        type: 'stdio',
        command: '${BIN:-/usr/bin}/server',
        args: ['--port', '${PORT}', '--root', '${HOME}/x'],
        env: {
          TOKEN: '${GITHUB_TOKEN}',
          LEVEL: '${LEVEL:-info}',
          PLAIN: 'a',
          TIER: '${API_TOKEN:-none}',
          E: '${EMPTY:-d}',
        },
      },
      web: {
        type: 'http',
        url: '${BASE:-https://mcp.example.com}/mcp',
        headers: { Authorization: 'Bearer ${TOKEN}', 'Content-Type': 'application/json' },
      },
    },
  };

  it('becomes a plan in which secrets are references', () => {
    const { plan, format } = load(config, CLAUDE);
    expect(format).toBe('mcp-servers');
    expect(plan.source).toBe(CLAUDE);
    expect(plan.servers).toEqual([
      {
        name: 'github',
        transport: {
          kind: 'stdio',
          command: '/usr/bin/server',
          args: ['--port', '9000', '--root', '/home/me/x'],
          env: {
            TOKEN: { secret: 'env://GITHUB_TOKEN' },
            LEVEL: 'info',
            PLAIN: 'a',
            TIER: { secret: 'env://API_TOKEN' },
            E: 'd',
          },
          cwd: '/home/me/project',
        },
        ...DEFAULTS,
      },
      {
        name: 'web',
        transport: {
          kind: 'http',
          url: 'https://mcp.example.com/mcp',
          headers: { Authorization: { secret: 'env://TOKEN', format: 'Bearer {}' } },
        },
        ...DEFAULTS,
      },
    ]);
    expect(JSON.stringify(plan)).not.toContain('in-the-environment');
  });

  it('keeps the value of a variable out of the plan even when it has a default', () => {
    const { plan } = load({ mcpServers: { a: { command: 'b', env: { A: 'x ${API_TOKEN:-y}' } } } }, CLAUDE);
    expect(plan.servers[0]?.transport).toMatchObject({ env: { A: { secret: 'env://API_TOKEN', format: 'x {}' } } });
  });

  it('notes what it does not use', () => {
    const entry = { type: 'http', url: 'https://a', oauth: { clientId: 'x' }, headersHelper: 'run-me', timeout: 5 };
    expect(notesOf({ mcpServers: { a: entry } }, CLAUDE)).toEqual([
      'mcpServers.a.oauth: is not supported yet',
      'mcpServers.a.headersHelper: is not supported yet: it would run a program to get headers',
      'mcpServers.a.timeout: is not used: some programs mean seconds, others milliseconds',
    ]);
    expect(notesOf(config, CLAUDE)).toEqual([
      'mcpServers.web.headers.Content-Type: is not used: Hostler writes this header itself',
    ]);
  });
});

describe('a file of Claude Desktop', () => {
  it('becomes a plan, with one note for the settings of the application', () => {
    const config = {
      theme: 'dark',
      globalShortcut: 'x',
      mcpServers: { 'My Files (home)': { command: 'npx', args: ['-y', 'server-filesystem'] } },
    };
    expect(load(config, DESKTOP).plan.servers.map(({ name }) => name)).toEqual(['My-Files-home']);
    expect(notesOf(config, DESKTOP)).toEqual([
      'theme: is not used, and neither are 1 other keys beside it',
      'mcpServers["My Files (home)"]: is called "My-Files-home" here',
    ]);
  });

  it('may have no servers yet', () => {
    expect(problemsOf({}, DESKTOP)).toEqual(['1:1: missing key "mcpServers"']);
    expect(load({ mcpServers: {} }, DESKTOP).plan.servers).toEqual([]);
  });
});

describe('a file of Cursor', () => {
  const config = {
    mcpServers: {
      python: {
        command: 'python',
        args: ['${workspaceFolder}/tools/server.py', '${workspaceFolderBasename}${/}x', '${userHome}'],
        envFile: '.env',
        env: { API_KEY: '${env:API_KEY}', FROM_BOTH: 'env', GONE: null },
      },
      remote: { url: 'https://a/mcp', headers: { 'x-key': '${env:KEY}' }, auth: { CLIENT_ID: 'x' } },
    },
  };
  const dotEnv = '# a comment\nFROM_BOTH=file\nGONE=file\nDB_PASSWORD="p w"\nexport OTHER=1\n';
  const envFiles = new Map([['/home/me/project/.env', dotEnv]]);

  it('starts in the folder of the workspace and reads its envFile', () => {
    const { plan, notes } = load(config, CURSOR, { environment: ENVIRONMENT, envFiles });
    expect(plan.servers.map(({ transport }) => transport)).toEqual([
      {
        kind: 'stdio',
        command: 'python',
        args: ['/home/me/project/tools/server.py', 'project/x', '/home/me'],
        env: { FROM_BOTH: 'env', DB_PASSWORD: 'p w', OTHER: '1', API_KEY: { secret: 'env://API_KEY' } },
        cwd: '/home/me/project',
      },
      { kind: 'http', url: 'https://a/mcp', headers: { 'x-key': { secret: 'env://KEY' } } },
    ]);
    expect(notes.map(({ path }) => path)).toEqual(['mcpServers.remote.auth']);
  });

  it('has a problem with an envFile that is not there', () => {
    expect(problemsOf(config, CURSOR)).toEqual(['10:15 mcpServers.python.envFile: there is no such file']);
  });

  it('has a problem, at the line of envFile, with a variable in it that is refused', () => {
    const bad = new Map([['/home/me/project/.env', 'LD_PRELOAD=/x.so\n']]);
    const problems = problemsOf(config, CURSOR, { environment: ENVIRONMENT, envFiles: bad });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^10:4 mcpServers\.python\.envFile: this variable is refused/);
  });
});

describe('a file of Cline', () => {
  it('leaves disabled servers out and notes the rest', () => {
    const config = {
      mcpServers: {
        on: { command: 'a', disabled: false, autoApprove: ['x'], timeout: 60 },
        off: { command: 'a', disabled: true },
        off2: { command: 'a', enabled: false },
        stream: { type: 'streamableHttp', url: 'https://a' },
      },
    };
    expect(load(config, CLINE).plan.servers.map(({ name }) => name)).toEqual(['on', 'stream']);
    expect(notesOf(config, CLINE)).toEqual([
      'mcpServers.on.autoApprove: is not used: approving calls is the client’s decision',
      'mcpServers.on.timeout: is not used: some programs mean seconds, others milliseconds',
    ]);
  });
});

describe('a file of the Inspector', () => {
  it('keeps era and timeouts, and reports them under their own names', () => {
    const entry = {
      type: 'streamable-http',
      url: 'https://a',
      protocolEra: 'modern',
      requestTimeout: 5000,
      connectionTimeout: 900,
    };
    expect(load({ mcpServers: { a: entry } }, CLAUDE).plan.servers[0]).toMatchObject({
      era: 'modern',
      callTimeout: 5000,
      startTimeout: 900,
    });
    const bad = { mcpServers: { a: { ...entry, protocolEra: 'old' } } };
    expect(problemsOf(bad, CLAUDE)).toEqual([
      '6:19 mcpServers.a.protocolEra: expected "auto" or "legacy" or "modern", found "old"',
    ]);
  });
});

describe('a file of VS Code', () => {
  const config = {
    inputs: [
      { type: 'promptString', id: 'github-token', description: 'Token', password: true },
      { type: 'promptString', id: 'dataDir', description: 'Folder' },
    ],
    servers: {
      github: {
        type: 'http',
        url: 'https://api.example.com/mcp/',
        headers: { Authorization: 'Bearer ${input:github-token}' },
      },
      local: {
        type: 'stdio',
        command: '${workspaceFolder}/bin/server',
        args: ['--data', '${input:dataDir}'],
        env: { TOKEN: '${input:github-token}', PORT: 80 },
        sandboxEnabled: true,
        dev: { watch: 'x' },
      },
    },
  };

  it('becomes a plan; an input becomes a variable', () => {
    const { plan, format } = load(config, VS_CODE, { environment: { DATA_DIR: '/data' } });
    expect(format).toBe('vs-code');
    expect(plan.servers.map(({ transport }) => transport)).toEqual([
      {
        kind: 'http',
        url: 'https://api.example.com/mcp/',
        headers: { Authorization: { secret: 'env://GITHUB_TOKEN', format: 'Bearer {}' } },
      },
      {
        kind: 'stdio',
        command: '/home/me/project/bin/server',
        args: ['--data', '/data'],
        env: { TOKEN: { secret: 'env://GITHUB_TOKEN' }, PORT: '80' },
        cwd: '/home/me/project',
      },
    ]);
  });

  it('notes which variable to set', () => {
    const { notes } = load(config, VS_CODE, { environment: { DATA_DIR: '/data' } });
    expect(notes.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'servers.github.headers.Authorization: set the variable GITHUB_TOKEN: nobody is asked for it here',
      'servers.local.env.TOKEN: set the variable GITHUB_TOKEN: nobody is asked for it here',
      'servers.local.sandboxEnabled: is not supported yet: this server runs without a sandbox',
      'servers.local.dev: is not used: it is for developing the server',
    ]);
  });

  it('has a problem with an input that nobody answered, and with a password in an argument', () => {
    expect(problemsOf(config, VS_CODE)).toEqual([
      '28:5 servers.local.args[1]: nobody can be asked for this input (set the variable DATA_DIR)',
    ]);
    const bad = { ...config, servers: { a: { command: 'b', args: ['${input:github-token}'] } } };
    expect(problemsOf(bad, VS_CODE, { environment: { GITHUB_TOKEN: 'x' } })).toEqual([
      '19:5 servers.a.args[0]: a secret cannot stand here (give it to the program in env, or send it in headers)',
    ]);
  });

  it('is told from ours by its inputs or its name', () => {
    const servers = { a: { command: 'b', gallery: true } };
    expect(load({ servers, inputs: [] }, '/x/settings.json').format).toBe('vs-code');
    expect(load({ servers }, '/x/User/mcp.json').format).toBe('vs-code');
    expect(problemsOf({ servers }, '/x/settings.json').join()).toContain('unknown key');
    expect(problemsOf({ servers, inputs: [] }, '/x/hostler.json')).toHaveLength(2);
    expect(load({ mcpServers: servers }, '/x/any.yaml').format).toBe('mcp-servers');
  });
});

describe('a variable', () => {
  const stdio = (settings: object): object => ({ mcpServers: { a: { command: 'b', ...settings } } });

  it.each([
    ['is not set', { args: ['${NOPE}'] }, 'the variable NOPE is not set'],
    ['is not set, in the syntax of VS Code', { cwd: '${env:NOPE}' }, 'the variable NOPE is not set'],
    ['is not known', { args: ['${command:pick}'] }, 'this variable is not known here'],
    ['is not known, in env', { env: { A: '${command:pick}' } }, 'this variable is not known here'],
    [
      'stands beside another one',
      { env: { A: '${B}:${C}' } },
      'two variables in one value (join them in one variable)',
    ],
    ['stands beside {}', { env: { A: '${B}{}' } }, 'a variable beside the text {} is not supported'],
  ])('is a problem when it %s', (_, settings, expected) => {
    const problems = problemsOf(stdio(settings), CLAUDE);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^\d+:\d+ mcpServers\.a\./);
    expect(problems[0]).toContain(expected);
  });

  it('is a problem when the home folder is not known', () => {
    expect(problemsOf(stdio({ cwd: '${userHome}' }), CLAUDE, {}).join()).toContain('HOME is not set');
  });

  it('may stand beside a folder', () => {
    const { plan } = load(stdio({ env: { A: '${workspaceFolder}/${B}' } }), CLAUDE);
    expect(plan.servers[0]?.transport).toMatchObject({
      env: { A: { secret: 'env://B', format: '/home/me/project/{}' } },
    });
  });

  it('gets a note when its value is a secret in an argument', () => {
    expect(notesOf(stdio({ args: ['--token=${API_TOKEN}'] }), CLAUDE)).toEqual([
      'mcpServers.a.args[0]: the value of API_TOKEN stands here in clear (give it to the program in env, or send it in headers)',
    ]);
  });
});

describe('a foreign server', () => {
  it.each<[object, object]>([
    [
      { type: 'sse', url: 'https://a/events' },
      { kind: 'http', protocol: 'sse' },
    ],
    [{ url: 'https://a/sse' }, { kind: 'http', protocol: 'sse' }],
    [{ serverUrl: 'https://a/sse/?x=1' }, { kind: 'http', protocol: 'sse' }],
    [
      { type: 'streamableHttp', url: 'https://a/sse' },
      { kind: 'http', protocol: 'streamable-http' },
    ],
    [{ type: 'ws', url: 'wss://a/mcp' }, { kind: 'websocket' }],
    [{ url: 'ws://a/mcp' }, { kind: 'websocket' }],
  ])('is reached by the transport that it names, or that its address has: %o', (entry, transport) => {
    const config = { mcpServers: { a: entry } };
    expect(load(config, CLAUDE).plan.servers[0]?.transport).toMatchObject(transport);
    expect(notesOf(config, CLAUDE)).toEqual([]);
  });

  it('with type http at /sse is found out', () => {
    const { plan } = load({ mcpServers: { a: { type: 'http', url: 'https://a/sse' } } }, CLAUDE);
    expect(plan.servers[0]?.transport).toEqual({ kind: 'http', url: 'https://a/sse', headers: {} });
  });

  it('has a problem when its name becomes that of another one', () => {
    const config = { mcpServers: { 'a b': { command: 'x' }, 'a-b': { command: 'x' }, '!!': { command: 'x' } } };
    expect(problemsOf(config, CLAUDE)).toEqual([
      '6:3 mcpServers.a-b: becomes "a-b", which "a b" already is (rename one of them)',
      '9:3 mcpServers["!!"]: a server name needs at least one letter or digit',
    ]);
  });

  it('is checked like one of ours, under its own name and line', () => {
    const config = { mcpServers: { 'a b': { command: 'x', args: 'y', env: { NODE_OPTIONS: 'z' } }, c: 7, d: {} } };
    expect(problemsOf(config, CLAUDE).map((line) => line.split(' (')[0])).toEqual([
      '5:12 mcpServers["a b"].args: expected a list of arguments, found text',
      '7:5 mcpServers["a b"].env.NODE_OPTIONS: this variable is refused: it makes the program load foreign code before it starts',
      '10:8 mcpServers.c: expected a map with the settings of one server, found a number',
      '11:3 mcpServers.d: missing key "command" or "url"',
    ]);
  });

  it('may carry keys of the other transport', () => {
    const config = { mcpServers: { a: { url: 'https://a', args: [], env: { A: 'b' } } } };
    expect(load(config, CLAUDE).plan.servers[0]?.transport).toEqual({ kind: 'http', url: 'https://a', headers: {} });
    expect(notesOf(config, CLAUDE)).toEqual([
      'mcpServers.a.env: is not used: it has no meaning for this kind of server',
    ]);
  });

  it('gets a note for a key that nobody knows', () => {
    expect(notesOf({ mcpServers: { a: { command: 'b', evn: {}, toString: 1 } } }, CLAUDE)).toEqual([
      'mcpServers.a.evn: is not known and not used (did you mean "env"?)',
      'mcpServers.a.toString: is not known and not used',
    ]);
  });
});
