import type { CountedRate, RateSpec, UpstreamSpec } from '@hostler/kernel';
import { DrivenClock } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { createCallLimit } from '../call-limit.ts';
import { ServerLimits } from './server-limits.ts';

const HOUR = 3_600_000;
const hourly = (count: number) => ({ count, per: HOUR });

function limitsOf(rates: Record<string, RateSpec>) {
  const counting = { clock: new DrivenClock() };
  const specs = new Map(
    Object.entries(rates).map(([name, spec]) => [name, { name, rates: spec } as unknown as UpstreamSpec]),
  );
  const limits = new ServerLimits({ spec: (name) => specs.get(name) }, counting);
  const call = (server: string, tool?: string): string => {
    const told: CountedRate[] = [];
    try {
      void limits.count({ server, tool }, { counted: (rate) => told.push(rate) });
      return told.map(({ name, left }) => `${name} ${left}`).join(', ');
    } catch (error) {
      return String((error as { readonly message?: unknown }).message);
    }
  };
  return { limits, call, specs, counting };
}

describe('the rates of a server', () => {
  it('are counted over everything, and those of tools by pattern', () => {
    const { call } = limitsOf({ one: { calls: hourly(5), tools: { 'create_*': hourly(2), delete: hourly(1) } } });
    expect([call('one'), call('one', 'list'), call('one', 'create_a'), call('one', 'create_b')]).toEqual([
      'server 4',
      'server 3',
      'server 2, tool 1',
      'server 1, tool 0',
    ]);
    // What one of them refuses uses nothing of the other up.
    expect(call('one', 'create_c')).toBe('Too many calls: at most 2 in an hour of this tool.');
    expect(call('one', 'delete')).toBe('server 0, tool 0');
    expect(call('one', 'list')).toBe('Too many calls: at most 5 in an hour of this server.');
    expect(call('other', 'create_a')).toBe('');
  });

  it('stay counted over another spec, and are forgotten with the server', () => {
    const { call, specs, limits } = limitsOf({ one: { calls: hourly(2), tools: { a: hourly(1) } } });
    call('one', 'a');
    specs.set('one', {
      name: 'one',
      rates: { calls: hourly(3), tools: { a: hourly(1), b: hourly(1) } },
    } as unknown as UpstreamSpec);
    expect(call('one', 'a')).toContain('of this tool');
    expect(call('one', 'b')).toBe('server 1, tool 0');
    specs.set('one', { name: 'one' } as unknown as UpstreamSpec);
    expect(call('one', 'a')).toBe('');
    limits.forget('one');
    specs.set('one', { name: 'one', rates: { calls: hourly(2) } } as unknown as UpstreamSpec);
    expect(call('one')).toBe('server 1');
  });

  it('are counted together with those of a consumer, of which patterns name the server', () => {
    const { limits, counting } = limitsOf({ one: { calls: hourly(9) } });
    const own = createCallLimit({ tools: { 'one/create_*': hourly(1), '*/delete': hourly(2) } }, counting);
    const meters = (server: string, tool: string): number => own.toolMeters(server, tool)?.length ?? 0;
    expect([
      meters('one', 'create_x'),
      meters('two', 'create_x'),
      meters('two', 'delete'),
      meters('one', 'create_a/b'),
    ]).toEqual([1, 0, 1, 0]);
    const count = (): void =>
      void limits.count({ server: 'one', tool: 'create_x' }, {}, own.toolMeters('one', 'create_x'));
    count();
    expect(count).toThrow(expect.objectContaining({ details: expect.objectContaining({ retryAfter: 3_600 }) }));
  });
});
