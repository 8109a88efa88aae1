import { describe, expect, it } from 'vitest';
import { chooseProxy } from './choose-proxy.ts';

const choose = (url: string, environment: Record<string, string>, setting?: string): string | undefined =>
  chooseProxy({ url: new URL(url), environment, setting });

const ALL = { HTTP_PROXY: 'http://plain:1', HTTPS_PROXY: 'http://secure:1', ALL_PROXY: 'http://all:1' };

describe('chooseProxy', () => {
  it.each([
    ['http://a.example/', ALL, 'http://plain:1'],
    ['ws://a.example/', ALL, 'http://plain:1'],
    ['https://a.example/', ALL, 'http://secure:1'],
    ['wss://a.example/', ALL, 'http://secure:1'],
    ['https://a.example/', { HTTP_PROXY: 'http://plain:1' }, undefined],
    ['https://a.example/', { ALL_PROXY: 'http://all:1' }, 'http://all:1'],
    ['https://a.example/', { HTTPS_PROXY: 'http://upper:1', https_proxy: 'http://lower:1' }, 'http://lower:1'],
    ['https://a.example/', { https_proxy: '', HTTPS_PROXY: '' }, undefined],
    ['https://a.example/', {}, undefined],
  ])('%s', (url, environment, expected) => {
    expect(choose(url, environment as Record<string, string>)).toBe(expected);
  });

  it.each(['http://localhost/', 'http://a.localhost/', 'http://127.0.0.1/', 'http://127.8.9.1/', 'http://[::1]/'])(
    'never sends what is for this machine away: %s',
    (url) => {
      expect(choose(url, ALL)).toBeUndefined();
      expect(choose(url, ALL, 'http://named:1')).toBe('http://named:1');
    },
  );

  it('lets the configuration decide', () => {
    expect(choose('https://a.example/', { ...ALL, NO_PROXY: '*' }, 'http://named:1')).toBe('http://named:1');
    expect(choose('https://a.example/', ALL, 'none')).toBeUndefined();
  });

  it.each([
    ['*', 'http://a.example/', true],
    ['a.example', 'http://a.example/', true],
    ['A.Example', 'http://a.example/', true],
    ['example', 'http://a.example/', true],
    ['.example', 'http://a.example/', true],
    ['a.example', 'http://a.example./', true],
    ['ple', 'http://a.example/', false],
    ['*.example', 'http://a.example/', true],
    ['*.a.example', 'http://a.example/', false],
    ['a.example:80', 'http://a.example/', true],
    ['a.example:443', 'https://a.example/', true],
    ['a.example:81', 'http://a.example/', false],
    ['b.example  a.example', 'http://a.example/', true],
    ['b.example,,c.example', 'http://a.example/', false],
    ['10.0.0.0/8', 'http://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.0.0.0/99', 'http://10.1.2.3/', false],
    ['10.1.2.3', 'http://10.1.2.3:9/', true],
    ['fd00::/8', 'http://[fd00::1]/', true],
    ['fd00::1', 'http://[fd00::1]/', true],
    ['[fd00::1]:80', 'http://[fd00::1]/', true],
    ['[fd00::1]:81', 'http://[fd00::1]/', false],
    ['.', 'http://a.example/', false],
  ])('NO_PROXY=%s and %s: %s', (list, url, exempt) => {
    expect(choose(url, { ...ALL, NO_PROXY: list }) === undefined).toBe(exempt);
  });
});
