import { describe, expect, it } from 'vitest';
import { planServer } from './plan-server.ts';
import { toPlan } from './to-plan.ts';

describe('planServer', () => {
  it('completes a server as a file would', () => {
    const settings = { command: './bin/x', args: ['a'], env: { T: { secret: 'env://T' } }, timeout: '5s' };
    const whole = toPlan({ servers: { one: settings } }, { source: '/etc/hostler/hostler.yaml' });
    expect(planServer('one', settings, '/etc/hostler')).toEqual({
      spec: whole.servers[0],
      isDisabled: false,
      written: settings,
    });
  });

  it('knows nothing of the vault, which is not part of a server, and all of what a server may have', () => {
    const vault = { command: 'x', env: { A: { secret: 'local://a' } } };
    expect(planServer('one', vault, '/')).toMatchObject({ spec: { name: 'one' } });
    const loading = { command: 'x', env: { LD_PRELOAD: 'y', B: { secret: 'env://b-b' } } };
    expect(planServer('one', loading, '/')).toMatchObject({
      problems: [{ pointer: '/env/B/secret' }, { pointer: '/env/LD_PRELOAD' }],
    });
  });

  it('plans a disabled one too, and says so', () => {
    expect(planServer('one', { command: 'x', disabled: true }, '/')).toMatchObject({
      isDisabled: true,
      spec: { name: 'one' },
    });
  });

  it('lists everything that is wrong, with pointers that start at the settings', () => {
    const settings = { comand: 'x', url: 'ftp://x', headers: { 'a/b': 'x', host: 'y' }, timeout: 30 };
    expect(planServer('one', settings, '/')).toEqual({
      problems: [
        { pointer: '/comand', message: 'unknown key', hint: 'did you mean "command"?' },
        { pointer: '/url', message: 'must be an http, https, ws or wss URL without user or password in it' },
        { pointer: '/headers/a~1b', message: 'this is not the name of a header' },
        { pointer: '/headers/host', message: 'Hostler writes this header itself' },
        {
          pointer: '/timeout',
          message: 'expected a duration such as 500ms, 30s or 2m, found a number',
          hint: 'a number has no unit: write 30s or 30ms',
        },
      ],
    });
  });

  it.each([
    ['a name that none may have', 'a__b', { command: 'x' }],
    ['no settings', 'one', undefined],
    ['neither command nor url', 'one', {}],
    ['a list', 'one', []],
  ])('refuses %s', (_what, name, settings) => {
    expect(planServer(name, settings, '/')).toMatchObject({ problems: [{ pointer: '' }] });
  });

  it('refuses a name that objects are born with', () => {
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      expect(planServer(name, { command: 'x' }, '/')).toMatchObject({ problems: [{ pointer: '' }] });
    }
  });

  it('does not take the mask of a hidden value for the value', () => {
    const settings = { command: 'x', env: { TOKEN: '[set]' } };
    expect(planServer('one', settings, '/')).toMatchObject({ problems: [{ pointer: '/env/TOKEN' }] });
    const remote = { url: 'https://a.example/mcp?key=[set]' };
    expect(planServer('one', remote, '/')).toMatchObject({ problems: [{ pointer: '/url' }] });
  });
});
