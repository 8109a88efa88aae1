import { describe, expect, it } from 'vitest';
import type { ConfigFile } from '../schema/config-file.ts';
import { diffPlans } from './diff-plans.ts';
import type { HostPlan } from './host-plan.ts';
import { toPlan } from './to-plan.ts';

const plan = (config: ConfigFile) => toPlan(config, { source: '/etc/hostler/hostler.yaml' });
const BASE: ConfigFile = { servers: { one: { command: 'x', env: { A: 'b' } }, two: { url: 'http://x' } } };

describe('diffPlans', () => {
  it('finds nothing between two readings of one file, however it is written', () => {
    const again = plan({
      servers: {
        one: { type: 'stdio', command: 'x', env: { A: 'b' }, timeout: '60000ms' },
        two: { url: 'http://x', disabled: false },
      },
      log: { level: 'info' },
    });
    expect(diffPlans(plan(BASE), again)).toEqual({
      added: [],
      changed: [],
      unchanged: ['one', 'two'],
      removed: [],
      settings: [],
    });
  });

  it('tells added, changed, removed and untouched servers apart', () => {
    const next = plan({ servers: { three: { command: 'y' }, one: { command: 'x', env: { A: 'c' } } } });
    const diff = diffPlans(plan(BASE), next);
    expect(diff.added.map(({ name }) => name)).toEqual(['three']);
    expect(diff.changed).toEqual([{ from: plan(BASE).servers[0], to: next.servers[1] }]);
    expect(diff.removed).toEqual(['two']);
    expect(diff.unchanged).toEqual([]);
  });

  it('takes a disabled server for a removed one, and an enabled one for an added one', () => {
    const off = plan({ servers: { ...BASE.servers, one: { command: 'x', env: { A: 'b' }, disabled: true } } });
    expect(diffPlans(plan(BASE), off)).toMatchObject({ removed: ['one'], unchanged: ['two'], added: [] });
    expect(diffPlans(off, plan(BASE)).added.map(({ name }) => name)).toEqual(['one']);
  });

  it.each<[string, 'now' | 'restart', Partial<ConfigFile>]>([
    ['groups', 'now', { groups: { g: { servers: ['one', 'two'] } } }],
    ['consumers', 'now', { consumers: {} }],
    ['auth.resource', 'now', { auth: { resource: 'https://mcp.example.com/mcp' } }],
    ['log.level', 'now', { log: { level: 'debug' } }],
    ['shutdown.grace', 'now', { shutdown: { grace: '1s' } }],
    ['listen.allowedHosts', 'now', { listen: { allowedHosts: ['a.example'] } }],
    ['listen.allowedOrigins', 'now', { listen: { allowedOrigins: ['https://a.example'] } }],
    ['api.servers', 'now', { api: { servers: { enabled: true } } }],
    ['api.secrets', 'now', { api: { secrets: { enabled: true } } }],
    ['secrets.refresh', 'now', { secrets: { refresh: '0s' } }],
    ['secrets.guard', 'now', { secrets: { guard: { results: 'off' } } }],
    ['secrets.maxStale', 'restart', { secrets: { maxStale: '1m' } }],
    ['secrets.timeout', 'restart', { secrets: { timeout: '1s' } }],
    ['secrets.local', 'restart', { secrets: { local: {} } }],
    ['reload.watch', 'now', { reload: { watch: true } }],
    ['listen.port', 'restart', { listen: { port: 1 } }],
    ['listen.host', 'restart', { listen: { host: '::1' } }],
    ['secrets.providers', 'restart', { secrets: { providers: [{ use: 'x' }] } }],
  ])('says of %s that it applies: %s', (key, applies, change) => {
    expect(diffPlans(plan(BASE), plan({ ...BASE, ...change })).settings).toEqual([{ key, applies }]);
  });

  it('takes over other keys, tokens and issuers at once', () => {
    const consumers = { ci: { keys: [{ hash: `sha256:${'0'.repeat(64)}` }] } };
    const issuers = { acme: { issuer: 'https://id.example.com', audience: ['x'] } };
    const before = plan({ ...BASE, consumers });
    const rotated = plan({ ...BASE, consumers: { ci: { keys: [{ hash: `sha256:${'1'.repeat(64)}` }] } } });
    expect(diffPlans(before, rotated).settings).toEqual([{ key: 'consumers', applies: 'now' }]);
    expect(diffPlans(before, plan({ ...BASE, consumers, auth: { issuers } })).settings).toEqual([
      { key: 'auth.issuers', applies: 'now' },
    ]);
    expect(diffPlans(before, plan(BASE)).settings).toEqual([{ key: 'consumers', applies: 'now' }]);
  });

  it('takes over other limits of a consumer at once', () => {
    const limited = (calls: string): HostPlan => plan({ ...BASE, consumers: { ci: { limits: { calls } } } });
    expect(diffPlans(limited('10/s'), limited('600/min')).settings).toEqual([{ key: 'consumers', applies: 'now' }]);
    expect(diffPlans(limited('10/s'), limited('10/s')).settings).toEqual([]);
  });

  it('asks for a restart where it knows nothing better', () => {
    const future = { ...plan(BASE), state: { directory: '/var/lib/hostler' } };
    expect(diffPlans(plan(BASE), future).settings).toEqual([{ key: 'state.directory', applies: 'restart' }]);
  });
});
