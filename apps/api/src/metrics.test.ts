import type { Readiness, Runtime, Secrets, SecretRow } from '@hostler/runtime';
import { describe, expect, it } from 'vitest';
import { describeMetrics } from './metrics.ts';

const row: SecretRow = {
  reference: 'gcp://p/token#a"b\\c',
  scheme: 'gcp',
  age: 1_500,
  pinned: false,
  stale: true,
  weak: false,
  usedBy: ['servers.one.env.TOKEN', 'secrets.local.key'],
};

const secrets: Partial<Secrets> = {
  list: () => [
    { ...row, code: 'SECRET_UNAVAILABLE' },
    { ...row, reference: 'env://KEY', stale: false, usedBy: ['servers.two.env.KEY'] },
  ],
  rotations: () => ({ renewed: 1, restarted: 2, kept: 3 }),
  leaks: () => [{ secret: 'env://KEY', server: 'two', direction: 'result', action: 'masked', count: 4 }],
};

const readiness: Readiness = {
  ready: true,
  phase: 'running',
  servers: [
    { name: 'one', status: 'up', phase: 'ready', required: false, restarts: 2 },
    {
      name: 'two',
      status: 'blocked',
      phase: 'closed',
      required: false,
      restarts: 0,
      missing: [{ place: 'env.KEY', reference: 'env://KEY', code: 'SECRET_NOT_FOUND' }],
    },
  ],
  configuration: { generation: 3 },
  secrets: { stale: [], failing: [], rotations: [{ server: 'one', problem: 'p', code: 'X', since: new Date(0) }] },
};

const limits: Runtime['limits'] = {
  specOf: () => undefined,
  store: () => ({ away: true, shared: 7, without: 2 }),
};

const drift = { server: 'one', grade: 'schema', members: ['inputSchema'] } as const;
const lock: Partial<Runtime['lock']> = {
  file: '/hostler.lock',
  drift: () => [drift, drift, { ...drift, grade: 'new' }],
};

const text = describeMetrics({ secrets, limits, lock } as Runtime, readiness, 90_000);

describe('the metrics', () => {
  it.each([
    'hostler_uptime_seconds 90',
    'hostler_ready 1',
    'hostler_limit_store_away 1',
    'hostler_limit_decisions_total{by="store"} 7',
    'hostler_limit_decisions_total{by="without"} 2',
    'hostler_drift{server="one",grade="schema"} 2',
    'hostler_drift{server="one",grade="new"} 1',
    'hostler_configuration_generation 3',
    'hostler_server_up{server="one"} 1',
    'hostler_server_up{server="two"} 0',
    'hostler_server_restarts_total{server="one"} 2',
    'hostler_server_missing_secrets{server="two"} 1',
    'hostler_secret_age_seconds{secret="env://KEY"} 1.5',
    'hostler_secret_stale{secret="gcp://p/token#a\\"b\\\\c"} 1',
    'hostler_secret_failing{secret="env://KEY"} 0',
    'hostler_secret_rotations_total{outcome="restarted"} 2',
    'hostler_secret_rotations_total{outcome="kept"} 3',
    'hostler_secret_rotation_failing{server="one"} 1',
    'hostler_secret_rotation_failing{server="two"} 0',
    'hostler_secret_leaks_total{secret="env://KEY",server="two",direction="result",action="masked"} 4',
  ])('say %s', (line) => {
    expect(text.split('\n')).toContain(line);
  });

  it('are lines of the text format: each name once with help and type, then its samples', () => {
    expect(text.endsWith('\n')).toBe(true);
    const label = '[a-z]+="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
    const wrong: string[] = [];
    const names: string[] = [];
    for (const line of text.trimEnd().split('\n')) {
      const [, help] = /^# HELP (\S+) .+$/.exec(line) ?? [];
      const type = `# TYPE ${names.at(-1)} (gauge|counter)`;
      const sample = `${names.at(-1)}(\\{${label}(,${label})*\\})? [0-9.e+-]+`;
      if (help !== undefined) names.push(help);
      else if (!new RegExp(`^(${type}|${sample})$`).test(line)) wrong.push(line);
    }
    expect(wrong).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});
