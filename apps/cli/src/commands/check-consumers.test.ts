import type { HostPlan } from '@hostler/config';
import { parseConfig } from '@hostler/config/text';
import { describe, expect, it } from 'vitest';
import { checkConsumers } from './check-consumers.ts';

const now = Date.parse('2026-11-21T10:00:00Z');

function planOf(settings: object): HostPlan {
  return parseConfig(JSON.stringify({ servers: {}, ...settings }), '/hostler.json').plan;
}

function messages(settings: object): string[] {
  return checkConsumers(planOf(settings), now).map(({ name, status, message }) => `${status} ${name}: ${message}`);
}

const hash = (digit: string): string => `sha256:${digit.repeat(64)}`;

describe('checkConsumers', () => {
  it('has nothing to say about a host that is open to its own machine', () => {
    expect(messages({})).toEqual([]);
    expect(messages({ listen: { host: '::1' } })).toEqual([]);
    expect(messages({ listen: { host: '0.0.0.0', socket: './s' } })).toEqual([]);
  });

  it('names the consumers when all is well', () => {
    const consumers = {
      ci: { keys: [{ hash: hash('a') }] },
      web: { keys: [{ hash: hash('b'), expires: '2027-01-31' }] },
    };
    expect(messages({ consumers })).toEqual(['ok consumers: ci, web']);
  });

  it('warns of keys that travel as plain text', () => {
    const consumers = { ci: { keys: [{ hash: hash('a') }] } };
    expect(messages({ consumers, listen: { host: '0.0.0.0' } })).toEqual([
      expect.stringContaining('warning consumers: the host speaks plain HTTP'),
    ]);
    const tls = { certificate: 'a', key: 'b' };
    expect(messages({ consumers, listen: { host: '0.0.0.0', tls } })).toEqual(['ok consumers: ci']);
  });

  it('warns when the last key of somebody ends soon', () => {
    const soon = { hash: hash('a'), expires: '2026-12-01' };
    const text = 'warning consumer ci: its last key ends on 2026-12-01';
    expect(messages({ consumers: { ci: { keys: [soon] } } })).toEqual([text]);
    expect(messages({ consumers: { ci: { keys: [soon, { hash: hash('b') }] } } })).toEqual(['ok consumers: ci']);
  });

  it('warns of an empty list, which means nothing', () => {
    const keys = [{ hash: hash('a') }];
    expect(messages({ consumers: { ci: { keys, servers: [] } } })).toEqual([
      'warning consumer ci: "servers" is empty: it sees nothing',
    ]);
    expect(messages({ consumers: { ci: { keys, allow: [] } } })).toEqual([
      'warning consumer ci: "allow" is empty: it sees nothing',
    ]);
  });
});
