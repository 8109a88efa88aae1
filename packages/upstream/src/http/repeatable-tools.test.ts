import type { JsonObject, UpstreamSpec } from '@hostler/kernel';
import { describe, expect, it } from 'vitest';
import { makeSpec } from '../../test/support/fake-connector.ts';
import { createRepeatableTools } from './repeatable-tools.ts';

const call = (name: string) => ({ method: 'tools/call', params: { name } });
const LIST = [
  { name: 'read', annotations: { readOnlyHint: true } },
  { name: 'set', annotations: { readOnlyHint: false, idempotentHint: true } },
  { name: 'send', annotations: { readOnlyHint: false } },
  { name: 'plain' },
];

function learned(changes: Partial<UpstreamSpec> = {}, tools: unknown = LIST) {
  const repeatable = createRepeatableTools(makeSpec('a', changes));
  repeatable.learn({ method: 'tools/list', params: {} }, Buffer.from(JSON.stringify({ tools })));
  return repeatable;
}

function allowed(changes: Partial<UpstreamSpec> = {}): string[] {
  const repeatable = learned(changes);
  return LIST.map(({ name }) => name).filter((name) => repeatable.allows(call(name)));
}

describe('the calls that may be made twice', () => {
  it('are those that the server says only read, or do the same when repeated', () => {
    expect(allowed()).toEqual(['read', 'set']);
    expect(learned().allows(call('unknown'))).toBe(false);
    expect(learned().allows({ method: 'tools/call', params: {} })).toBe(false);
  });

  it('are none, or all, where the configuration says so', () => {
    expect(allowed({ replay: 'never' })).toEqual([]);
    expect(allowed({ replay: 'always' })).toEqual(['read', 'set', 'send', 'plain']);
  });

  it('are those of the configured annotations before those of the server', () => {
    const tools = (annotations: JsonObject) => ({
      offer: { tools: { read: { annotations }, plain: { annotations } } },
    });
    expect(allowed(tools({ readOnlyHint: false }))).toEqual(['set']);
    expect(allowed(tools({ idempotentHint: true }))).toEqual(['read', 'set', 'plain']);
    expect(allowed(tools({ title: 'x' }))).toEqual(['read', 'set']);
  });

  it('are all that are no calls of tools', () => {
    const repeatable = learned({ replay: 'never' });
    for (const method of ['tools/list', 'resources/read', 'prompts/get', 'ping']) {
      expect(repeatable.allows({ method, params: {} })).toBe(true);
    }
  });

  it('are those of the last list, all its pages together', () => {
    const repeatable = learned();
    const page = (tools: unknown, cursor?: string): void =>
      repeatable.learn(
        { method: 'tools/list', params: cursor === undefined ? {} : { cursor } },
        Buffer.from(JSON.stringify({ tools })),
      );
    page([{ name: 'next', annotations: { readOnlyHint: true } }], 'two');
    expect(['read', 'next'].map((name) => repeatable.allows(call(name)))).toEqual([true, true]);
    page([{ name: 'read' }]);
    expect(['read', 'next'].map((name) => repeatable.allows(call(name)))).toEqual([false, false]);
  });

  it.each([
    ['"readOnlyHint" is no list'],
    [{ tools: '"readOnlyHint"' }],
    [[null, 1, { name: 2, annotations: { readOnlyHint: true } }]],
  ])('are not found in a list that is none: %j', (tools) => {
    expect(learned({}, tools).allows(call('x'))).toBe(false);
  });
});
