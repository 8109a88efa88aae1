import { defineErrors } from '@hostler/kernel';
import type { Client, Consumer, Exchange } from '@hostler/kernel';
import { DrivenClock } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { createExchange } from '../exchange.ts';
import { Consents } from './consents.ts';

const { CONSENT_REQUIRED } = defineErrors('OAUTH', {
  CONSENT_REQUIRED: { http: 403, rpc: -32042, fault: 'caller', retryable: true, message: 'Sign in first.' },
});
const log = { debug() {}, info() {}, warn() {}, error() {} };

function exchangeOf(subject: string, session: string): Exchange {
  const consumer: Consumer = { name: 'people', identity: { method: 'jwt', issuer: 'i', subject } };
  const ask = () => Promise.reject(new Error('not asked'));
  const client: Client = {
    era: 'legacy',
    protocolVersion: '2025-11-25',
    capabilities: {},
    session: { id: session, notify: () => undefined, ask },
  };
  const { signal } = new AbortController();
  return createExchange({ method: 'tools/call', scope: { kind: 'all' }, consumer, client, signal });
}

it('a user with any number of sessions does not keep another one from hearing of a consent', async () => {
  const told: string[] = [];
  const given = Promise.withResolvers<void>();
  const consents = new Consents({
    pool: { spec: () => undefined },
    tokens: { consented: () => given.promise },
    clock: new DrivenClock(),
    log,
    onConsented: ({ consumer }) => void told.push(consumer.identity?.subject ?? ''),
  });
  const watch = (subject: string, session: string): void => {
    const error = CONSENT_REQUIRED({ details: { url: 'https://host/consent', elicitationId: `of-${subject}` } });
    consents.required(exchangeOf(subject, session), 'far', error);
  };
  for (let session = 0; session < 1_100; session += 1) watch('mallory', `m${session}`);
  watch('ann', 'a');
  given.resolve();
  await expect.poll(() => told).toContain('ann');
  expect(told.filter((subject) => subject === 'mallory').length).toBeLessThanOrEqual(50);
});
