import { describe, expect, it } from 'vitest';
import { stateDirectory } from './state-directory.ts';

const source = '/etc/hostler/hostler.yaml';

describe('stateDirectory', () => {
  it.each([
    [{ source, stateDirectory: '/asked' }, {}, '/asked'],
    [{ source: 'a program', stateDirectory: '/asked' }, {}, '/asked'],
    [{ source: 'a program' }, { HOME: '/home/me' }, undefined],
    [{ source }, {}, undefined],
    [{ source }, { HOME: '' }, undefined],
    [{ source }, { HOME: '/home/me' }, '/home/me/.local/state/hostler/'],
    [{ source }, { HOME: '/home/me', XDG_STATE_HOME: '/state' }, '/state/hostler/'],
    [{ source }, { HOME: '/home/me', XDG_STATE_HOME: 'relative' }, '/home/me/.local/state/hostler/'],
  ])('%j with %j: %s', (plan, environment, expected) => {
    expect(stateDirectory(plan, environment)?.replace(/[0-9a-f]{16}$/, '')).toBe(expected);
  });

  it('is another one for another file', () => {
    const environment = { HOME: '/home/me' };
    expect(stateDirectory({ source: '/a.yaml' }, environment)).not.toBe(
      stateDirectory({ source: '/b.yaml' }, environment),
    );
  });
});
