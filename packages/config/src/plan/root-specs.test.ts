import { describe, expect, it } from 'vitest';
import { parseConfig } from '../parse.ts';

function rootsOf(roots: unknown): unknown {
  const config = { servers: { one: { command: 'x', roots } } };
  return parseConfig(JSON.stringify(config), '/etc/hostler/hostler.json').plan.servers[0]?.roots;
}

describe('roots in the plan', () => {
  it.each([
    ['data', 'file:///etc/hostler/data'],
    ['.', 'file:///etc/hostler'],
    ['../x/./y/', 'file:///etc/x/y'],
    ['/', 'file:///'],
    ['/srv/with space/100%', 'file:///srv/with%20space/100%25'],
    ['file:///srv/a/../b/', 'file:///srv/b'],
    ['FILE://localhost/srv', 'file:///srv'],
  ])('%s is %s', (written, uri) => {
    expect(rootsOf([written])).toEqual([{ uri }]);
  });

  it('keep their names, and cannot be changed', () => {
    const roots = rootsOf([{ path: 'data', name: 'Data' }]) as { uri: string }[];
    expect(roots).toEqual([{ uri: 'file:///etc/hostler/data', name: 'Data' }]);
    expect(() => roots.push({ uri: 'file:///' })).toThrow(TypeError);
  });
});
