import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@hostler/kernel';
import { refusalsOf } from './allowed-server.ts';

const NOTHING = { enabled: true, commands: [], hosts: [], secrets: [], env: [] };
const refused = (settings: JsonObject, allowed: Partial<typeof NOTHING> | object): readonly string[] =>
  refusalsOf(settings, { ...NOTHING, ...allowed }, '/etc/hostler').map(({ pointer }) => pointer);

describe('refusalsOf', () => {
  it('allows nothing unless it is named', () => {
    expect(refused({ command: 'npx' }, {})).toEqual(['/command']);
    expect(refused({ url: 'https://example.com/mcp' }, {})).toEqual(['/url']);
    expect(refused({ command: 'x', env: { A: { secret: 'env://A' } } }, { commands: ['x'], env: ['A'] })).toEqual([
      '/env/A/secret',
    ]);
    expect(refused({ command: 'x', env: { A: 'b' } }, { commands: ['x'] })).toEqual(['/env/A']);
  });

  it.each([
    ['npx', ['npx'], true],
    ['npx', ['/usr/bin/npx'], false],
    ['/usr/bin/npx', ['npx'], false],
    ['/usr/bin/npx', ['/usr/bin/npx'], true],
    ['./bin/x', ['/etc/hostler/bin/x'], true],
    ['bin/../bin/x', ['/etc/hostler/bin/x'], true],
    ['../x', ['/etc/hostler/x'], false],
    ['/usr/bin/../../tmp/npx', ['/usr/bin/npx'], false],
    ['/usr/bin/../bin/npx', ['/usr/bin/npx'], false],
    ['NPX', ['npx'], false],
    ['npx ', ['npx'], false],
    ['npx.cmd', ['npx'], false],
  ])('the program %j where %j are allowed: %s', (command, commands, isAllowed) => {
    expect(refused({ command }, { commands })).toEqual(isAllowed ? [] : ['/command']);
  });

  it('does not look names up along a path of the caller, nor those that a script looks up', () => {
    expect(refused({ command: 'npx', env: { PATH: '/tmp' } }, { commands: ['npx'] })).toEqual(['/env/PATH']);
    expect(refused({ command: 'npx', env: { Path: '/tmp' } }, { commands: ['npx'] })).toEqual(['/env/Path']);
    expect(refused({ command: '/bin/x', env: { PATH: '/tmp' } }, { commands: ['/bin/x'] })).toEqual(['/env/PATH']);
  });

  it.each([
    ['LOG_LEVEL', ['LOG_LEVEL'], true],
    ['LOG_LEVELS', ['LOG_LEVEL'], false],
    ['log_level', ['LOG_LEVEL'], false],
    ['MCP_A', ['MCP_*'], true],
    ['XMCP_A', ['MCP_*'], false],
    ['NODE_TLS_REJECT_UNAUTHORIZED', ['NODE_ENV'], false],
    ['PATH', ['*', 'PATH', 'P*'], false],
  ])('the variable %j where %j are allowed: %s', (name, env, isAllowed) => {
    const settings = { command: 'x', env: { [name]: 'value' } };
    expect(refused(settings, { commands: ['x'], env })).toEqual(isAllowed ? [] : [`/env/${name}`]);
  });

  it.each([
    ['https://mcp.example.com/x', ['mcp.example.com'], true],
    ['https://MCP.example.com:8443/x', ['mcp.EXAMPLE.com'], true],
    ['https://mcp.example.com:8443/x', ['mcp.example.com:443'], false],
    ['https://mcp.example.com/x', ['mcp.example.com:443'], true],
    ['http://localhost:3000/mcp', ['localhost:3000'], true],
    ['http://localhost:3001/mcp', ['localhost:3000'], false],
    ['http://[::1]:3000/mcp', ['[::1]'], true],
    ['https://a.b.example.com', ['*.example.com'], true],
    ['https://example.com', ['*.example.com'], false],
    ['https://evilexample.com', ['*.example.com'], false],
    ['https://example.com.evil.example', ['example.com'], false],
    ['https://mcp.example.com@evil.example', ['mcp.example.com'], false],
    ['https://evil.example#mcp.example.com', ['mcp.example.com'], false],
    ['https://evil.example\\@mcp.example.com', ['mcp.example.com'], false],
    ['http://127.1/mcp', ['127.0.0.1'], true],
    ['nonsense', ['nonsense'], false],
  ])('the URL %j where %j are allowed: %s', (url, hosts, isAllowed) => {
    expect(refused({ url }, { hosts })).toEqual(isAllowed ? [] : ['/url']);
  });

  it.each([
    ['env://TOKEN', ['env://TOKEN'], true],
    ['env://TOKEN2', ['env://TOKEN'], false],
    ['gcp://team/a#key', ['gcp://team/*'], true],
    ['gcp://other/a', ['gcp://team/*'], false],
    ['file:///run/secrets/a', ['file:///run/secrets/*'], true],
    ['file:///run/secrets/../../etc/shadow', ['file:///run/secrets/*'], false],
    ['file:///run/secrets/a/..', ['file:///run/secrets/*'], false],
    ['vault://apps/%2e%2E/admin', ['vault://apps/*'], false],
    ['vault://apps/.%2e/admin', ['vault://apps/*'], false],
    ['vault://apps/..?x', ['vault://apps/*'], false],
    ['vault://apps%2f..%2fadmin', ['vault://apps*'], false],
    ['vault://apps/50%25..x', ['vault://apps/*'], true],
  ])('the secret %j where %j are allowed: %s', (secret, secrets, isAllowed) => {
    const settings = { url: 'https://a.example', headers: { authorization: { secret } } };
    expect(refused(settings, { hosts: ['a.example'], secrets })).toEqual(
      isAllowed ? [] : ['/headers/authorization/secret'],
    );
  });

  it('finds secrets wherever they stand, and refuses ways around the host', () => {
    const settings = { url: 'https://a.example', tls: { key: { secret: 'env://K' } }, proxy: 'http://b', socket: '/x' };
    expect(refused(settings, { hosts: ['a.example'] })).toEqual(['/proxy', '/socket', '/tls/key/secret']);
  });

  it('lets nobody add to the variables that load code, whatever is allowed', () => {
    const settings = { command: 'x', env: { LD_PRELOAD: '/tmp/x.so' }, allowEnv: ['LD_PRELOAD'] };
    expect(refused(settings, { commands: ['x'], env: ['*'] })).toEqual(['/allowEnv']);
  });
});
