import { describe, expect, it } from 'vitest';
import { scopeOfPath } from './scope-of-path.ts';

describe('scopeOfPath', () => {
  it.each([
    ['/mcp', { kind: 'all' }],
    ['/mcp?session=1', { kind: 'all' }],
    ['/servers/files/mcp', { kind: 'server', name: 'files' }],
    ['/servers/files/mcp?x=/y', { kind: 'server', name: 'files' }],
    ['/servers/f%69les/mcp', { kind: 'server', name: 'files' }],
    ['/servers/a%2Fb/mcp', { kind: 'server', name: 'a/b' }],
    ['/servers/100%/mcp', { kind: 'server', name: '100%' }],
  ])('finds what %s addresses', (target, scope) => {
    expect(scopeOfPath(target)).toEqual(scope);
  });

  it.each([
    '/',
    '/mcp/',
    '/mcpx',
    '//mcp',
    '/servers//mcp',
    '/servers/files',
    '/servers/a/b/mcp',
    '/health?/mcp',
    '/MCP',
  ])('takes %s for no MCP endpoint', (target) => {
    expect(scopeOfPath(target)).toBeUndefined();
  });
});
