import { describe, expect, it } from 'vitest';
import { settingsFrom } from './server-settings.ts';

describe('settingsFrom', () => {
  it('takes a program with its arguments', () => {
    const flags = { env: ['A=b=c', 'B='], secret: ['TOKEN=env://T'], cwd: '/srv' };
    expect(settingsFrom(['npx', '-y', 'x'], flags, '')).toEqual({
      command: 'npx',
      args: ['-y', 'x'],
      cwd: '/srv',
      env: { A: 'b=c', B: '', TOKEN: { secret: 'env://T' } },
    });
  });

  it('takes an address, whose secrets are headers', () => {
    const flags = { header: ['x-team: data'], secret: ['authorization=env://T'] };
    expect(settingsFrom(['https://a.example/mcp'], flags, '')).toEqual({
      url: 'https://a.example/mcp',
      headers: { 'x-team': 'data', authorization: { secret: 'env://T' } },
    });
  });

  it('takes settings as JSON, from the command line or standard input, with flags over them', () => {
    const text = '{"command":"x","env":{"A":"1","B":"2"},"timeout":"5s"}';
    const expected = { command: 'x', env: { A: '1', B: '3' }, timeout: '5s' };
    expect(settingsFrom([], { settings: text, env: ['B=3'] }, '')).toEqual(expected);
    expect(settingsFrom([], { settings: '-', env: ['B=3'] }, text)).toEqual(expected);
  });

  it.each<[string, readonly string[], Parameters<typeof settingsFrom>[1]]>([
    ['JSON that is none', [], { settings: '{' }],
    ['JSON that is no object', [], { settings: '[]' }],
    ['an address with arguments', ['https://a.example', 'x'], {}],
    ['a pair that is none', ['x'], { env: ['secret-value'] }],
  ])('refuses %s, and does not repeat it', (_what, target, flags) => {
    expect(() => settingsFrom(target, flags, '')).toThrow(expect.objectContaining({ code: 'CLI_USAGE' }));
    expect(() => settingsFrom(target, flags, '')).not.toThrow(/secret-value/);
  });
});
