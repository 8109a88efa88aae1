import { expect, it } from 'vitest';
import { showSettings } from './show-settings.ts';

it('shows references and hides values', () => {
  expect(
    showSettings({
      command: 'x',
      args: ['--verbose'],
      env: { A: 'value', B: { secret: 'env://B', format: 'Bearer {}' } },
      headers: { authorization: 'Bearer abc' },
      tls: { key: '-----BEGIN', serverName: 'a.example' },
      url: 'https://a.example/mcp?key=abc&team=x#part',
      timeout: '5s',
    }),
  ).toEqual({
    command: 'x',
    args: ['--verbose'],
    env: { A: '[set]', B: { secret: 'env://B', format: 'Bearer {}' } },
    headers: { authorization: '[set]' },
    tls: { key: '[set]', serverName: 'a.example' },
    url: 'https://a.example/mcp?key=[set]&team=[set]',
    timeout: '5s',
  });
});

it.each(['https://a.example/mcp', 'nonsense', 'https://a.example'])('leaves %s as it was written', (url) => {
  expect(showSettings({ url })).toEqual({ url });
});
