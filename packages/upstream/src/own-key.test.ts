import { describe, expect, it } from 'vitest';
import type { Client, JsonObject } from '@hostler/kernel';
import { askableClient, makeSession, plainClient } from '../test/support/make-exchange.ts';
import { knownAsLegacy, ownKey } from './own-key.ts';

const modern: Client = {
  era: 'modern',
  protocolVersion: '2026-07-28',
  info: { name: 'n', version: '1' },
  capabilities: { elicitation: {} },
};
const call = { method: 'tools/call' };
const key = (client: Client = modern, consumer = 'alice', request: { method: string } | undefined = call) =>
  ownKey({ consumer: { name: consumer }, client, ...(request && { request }) });

describe('the key of a connection of its own', () => {
  it('is the session of a legacy client that can be asked', () => {
    const client = askableClient(makeSession('s1'));
    expect(ownKey({ consumer: { name: 'alice' }, client })).toBe('s1');
    expect(key({ ...client, capabilities: {} })).toBeUndefined();
    expect(key({ ...plainClient, capabilities: { roots: {} } })).toBeUndefined();
  });

  it('is the same for modern clients of one consumer that describe themselves alike, in whatever order', () => {
    const capabilities: JsonObject = { sampling: {}, elicitation: { url: {}, form: {} } };
    const reordered: JsonObject = { elicitation: { form: {}, url: {} }, sampling: {} };
    expect(key({ ...modern, capabilities })).toBe(key({ ...modern, capabilities: reordered }));
    expect(key()).toMatch(/^[\w-]{43}$/);
  });

  it.each<[string, Client, string]>([
    ['consumer', modern, 'bob'],
    ['name', { ...modern, info: { name: 'm', version: '1' } }, 'alice'],
    ['version', { ...modern, info: { name: 'n', version: '2' } }, 'alice'],
    ['capabilities', { ...modern, capabilities: { elicitation: { url: {} } } }, 'alice'],
  ])('is another for another %s', (_, client, consumer) => {
    expect(key(client, consumer)).not.toBe(key());
  });

  it.each([
    ['a client that declares nothing to be asked', { ...modern, capabilities: { experimental: {} } }, call],
    ['a request during which nobody asks', modern, { method: 'tools/list' }],
  ])('there is none for %s', (_, client, request) => {
    expect(key(client, 'alice', request)).toBeUndefined();
  });

  it('there is none when nothing is to be sent', () => {
    expect(ownKey({ consumer: { name: 'alice' }, client: modern })).toBeUndefined();
  });
});

it('a modern client does not promise a legacy server to tell of its roots', () => {
  const roots = { listChanged: true, other: 1 };
  expect(knownAsLegacy({ ...modern, capabilities: { roots, sampling: {} } }).capabilities).toEqual({
    roots: { other: 1 },
    sampling: {},
  });
  const legacy: Client = { ...plainClient, capabilities: { roots } };
  expect(knownAsLegacy(legacy)).toBe(legacy);
  expect(knownAsLegacy(modern)).toBe(modern);
});
