import { describe, expect, it } from 'vitest';
import { mcpRouteOf } from './mcp-route.ts';

describe('mcpRouteOf', () => {
  it.each([
    ['/mcp', { kind: 'all' }],
    ['/mcp/', { kind: 'all' }],
    ['/mcp?session=1', { kind: 'all' }],
    ['/mcp/?session=1', { kind: 'all' }],
    ['/servers/files/mcp', { kind: 'server', name: 'files' }],
    ['/servers/files/mcp/', { kind: 'server', name: 'files' }],
    ['/servers/files/mcp?x=/y', { kind: 'server', name: 'files' }],
    ['/servers/f%69les/mcp', { kind: 'server', name: 'files' }],
    ['/servers/a%2Fb/mcp', { kind: 'server', name: 'a/b' }],
    ['/servers/100%/mcp', { kind: 'server', name: '100%' }],
    ['/servers/mcp/mcp', { kind: 'server', name: 'mcp' }],
    ['/bundles/review/mcp', { kind: 'all', bundle: 'review' }],
    ['/bundles/re%76iew/mcp/?x=/y', { kind: 'all', bundle: 'review' }],
  ])('finds what %s addresses', (target, scope) => {
    expect(mcpRouteOf(target)).toEqual({ face: 'mcp', scope });
  });

  it.each([
    ['/sse', 'sse'],
    ['/messages?sessionId=1', 'messages'],
    ['/ws', 'ws'],
  ])('finds the face of %s, for the host, one server and a bundle', (target, face) => {
    expect(mcpRouteOf(target)).toEqual({ face, scope: { kind: 'all' } });
    expect(mcpRouteOf(`/servers/files${target}`)).toEqual({ face, scope: { kind: 'server', name: 'files' } });
    expect(mcpRouteOf(`/bundles/files${target}`)).toEqual({ face, scope: { kind: 'all', bundle: 'files' } });
  });

  it.each([
    '/',
    '/mcp//',
    '/mcpx',
    '//mcp',
    '/servers//mcp',
    '/bundles//mcp',
    '/bundles/a',
    '/bundles/a/b/mcp',
    '/servers/files',
    '/servers/a/b/mcp',
    '/health?/mcp',
    '/MCP',
    '/sse/x',
    '/wss',
  ])('takes %s for no MCP endpoint', (target) => {
    expect(mcpRouteOf(target)).toBeUndefined();
  });
});
