import { describe, expect, it } from 'vitest';
import { editServers } from './edit-servers.ts';

const YAML = `# the team's servers
$schema: ./hostler.schema.json

servers:
  # reads mail
  mail:
    command: "npx" # pinned
    args: [-y, 'mail-server']
    env: { TOKEN: { secret: "env://MAIL" } }

  # to be replaced
  old: { command: old-server }

  web:
    url: https://web.example/mcp
log:
  level: info # the default
`;

const JSONC = `{
  // the team's servers
  "servers": {
    /* reads mail */
    "mail": { "command": "npx", "args": ["-y", "mail-server"] }, // pinned
    // to be replaced
    "old": { "command": "old-server" },
    "web": {
      "url": "https://web.example/mcp"
    }
  },
  "log": { "level": "info" }
}
`;

const edit = (text: string, changes: Parameters<typeof editServers>[2], file = '/h/hostler.yaml'): string =>
  editServers(text, file, changes);
const MAIL = { command: 'npx', args: ['-y', 'mail-server'], env: { TOKEN: { secret: 'env://MAIL' } } };

describe('editServers in YAML', () => {
  it('leaves a text alone that says it already', () => {
    expect(edit(YAML, { mail: MAIL, gone: undefined })).toBe(YAML);
  });

  it('changes one key and not a comment', () => {
    expect(edit(YAML, { mail: { ...MAIL, disabled: true } })).toBe(
      YAML.replace('"env://MAIL" } }\n', '"env://MAIL" } }\n    disabled: true\n'),
    );
  });

  it('takes a server out with its comment and adds one at the end', () => {
    expect(edit(YAML, { old: undefined, extra: { command: 'x', args: ['a: b'], timeout: '5s' } })).toBe(
      YAML.replace('  # to be replaced\n  old: { command: old-server }\n\n', '').replace(
        'mcp\nlog',
        `mcp
  extra:
    command: x
    args:
      - "a: b"
    timeout: 5s
log`,
      ),
    );
  });

  it('writes into an empty map', () => {
    expect(edit('servers: {}\n', { a: { command: 'x' } })).toBe('servers:\n  a:\n    command: x\n');
  });

  it('keeps the indentation of the file', () => {
    const wide = 'servers:\n    a:\n        command: x\n';
    expect(edit(wide, { a: { command: 'x', cwd: 'y' } })).toBe(`${wide}        cwd: y\n`);
    const flat = 'servers:\n  a:\n    command: x\n    args:\n    - b\n';
    expect(edit(flat, { a: { command: 'x', args: ['b'], cwd: 'y' } })).toBe(`${flat}    cwd: y\n`);
  });

  it('refuses to change what other servers share', () => {
    const text = 'servers:\n  a: &a { command: x }\n  b: *a\n';
    for (const change of [{ a: { command: 'y' } }, { a: undefined }, { b: { command: 'y', cwd: 'z' } }]) {
      expect(() => edit(text, change)).toThrow(expect.objectContaining({ code: 'CONFIG_NOT_EDITABLE' }));
    }
  });

  it('refuses a file that is not valid, and one of another program', () => {
    expect(() => edit('servers: {', { a: { command: 'x' } })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
    expect(() => edit('{"mcpServers":{}}', { a: { command: 'x' } }, '/h/.mcp.json')).toThrow(
      expect.objectContaining({ code: 'CONFIG_NOT_EDITABLE' }),
    );
  });
});

describe('editServers in JSON', () => {
  const inJson = (changes: Parameters<typeof editServers>[2], text = JSONC): string =>
    edit(text, changes, '/h/hostler.json');

  it('changes one key and nothing else', () => {
    expect(inJson({ mail: { command: 'npx', args: ['-y', 'other'] } })).toBe(
      JSONC.replace('["-y", "mail-server"]', '[ "-y", "other" ]'),
    );
    expect(inJson({ web: { url: 'https://web.example/mcp', disabled: true } })).toBe(
      JSONC.replace('mcp"\n', 'mcp",\n      "disabled": true\n'),
    );
  });

  it('takes out a server in the middle, the first and the last', () => {
    expect(inJson({ old: undefined })).toBe(
      JSONC.replace('    // to be replaced\n    "old": { "command": "old-server" },\n', ''),
    );
    expect(inJson({ web: undefined })).toBe(
      JSONC.replace(',\n    "web": {\n      "url": "https://web.example/mcp"\n    }', ''),
    );
    expect(inJson({ mail: undefined })).toContain('"servers": { // pinned\n    // to be replaced\n    "old"');
    expect(inJson({ mail: undefined, old: undefined, web: undefined })).toContain('"servers": {');
  });

  it('adds one at the end, in the form of the others', () => {
    expect(inJson({ extra: { command: 'x', args: ['a'] } })).toContain(
      '    },\n    "extra": {\n      "command": "x",\n      "args": [\n        "a"\n      ]\n    }\n  },\n',
    );
    expect(inJson({ a: { command: 'x' } }, '{ "servers": {} }')).toContain('"a": {');
    expect(inJson({ b: { command: 'y' } }, '{"servers":{"a":{"command":"x"}}}')).toBe(
      '{"servers":{"a":{"command":"x"}, "b": { "command": "y" }}}',
    );
  });
});
