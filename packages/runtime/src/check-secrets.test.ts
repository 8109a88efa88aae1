import { toPlan } from '@hostler/config';
import type { ConfigFile } from '@hostler/config';
import { describe, expect, it } from 'vitest';
import { checkSecrets } from './check-secrets.ts';

const check = (config: ConfigFile) => checkSecrets(toPlan(config, { source: '/hostler.yaml' }));

describe('checkSecrets', () => {
  it('has nothing to say of references that are read', async () => {
    const env = { A: { secret: 'env://A' }, B: { secret: 'file:///b' }, secret: 'plain' };
    expect(await check({ servers: { one: { command: 'x', env }, secret: { command: 'x' } } })).toEqual([]);
  });

  it('names each reference that nobody reads, also of a server that is disabled', async () => {
    const problems = await check({
      servers: {
        one: { command: 'x', env: { A: { secret: 'gcp://a/b' } } },
        two: { url: 'http://x', headers: { a: { secret: 'vault://c' } }, disabled: true },
      },
    });
    expect(problems).toMatchObject([
      { path: ['servers', 'one', 'env', 'A', 'secret'], message: 'no provider of secrets reads gcp://' },
      { path: ['servers', 'two', 'headers', 'a', 'secret'], message: 'no provider of secrets reads vault://' },
    ]);
  });

  it('names the provider that cannot be loaded, and nothing that may follow from it', async () => {
    const problems = await check({
      servers: { one: { command: 'x', env: { A: { secret: 'gcp://a/b' } } } },
      secrets: { providers: [{ use: 'no-such-provider' }] },
    });
    const message: unknown = expect.stringMatching(/not installed.*npm install no-such-provider/);
    expect(problems).toMatchObject([{ path: ['secrets', 'providers', 0, 'use'], message }]);
  });
});
