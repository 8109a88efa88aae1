import { expect, test } from 'vitest';
import type { Client } from '@hostler/kernel';
import { FakeHost, description } from '../../test/support/fake-host.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { ServerInfos } from './server-infos.ts';

const client: Client = { era: 'modern', protocolVersion: '2026-07-28', capabilities: {} };
const alice = { name: 'alice' };

function infosOf(host: FakeHost): { infos: ServerInfos; clock: ManualClock } {
  const clock = new ManualClock();
  return { infos: new ServerInfos({ host, clock, fallbackName: 'fallback' }), clock };
}

test('a name is believed for a minute', async () => {
  const host = new FakeHost();
  const { infos, clock } = infosOf(host);
  const caller = { scope: { kind: 'all' }, consumer: alice } as const;
  await infos.of(caller, client);
  clock.advance(59_999);
  expect(await infos.of(caller, client)).toEqual({ name: 'fake', version: '1.2.3' });
  expect(host.describes).toBe(1);
  clock.advance(1);
  await infos.of(caller, client);
  expect(host.describes).toBe(2);
});

test('each server has its own, for each consumer', async () => {
  const host = new FakeHost({
    describe: (scope, consumer) => {
      const name = scope.kind === 'server' ? scope.name : 'all';
      return Promise.resolve({ ...description('modern'), info: { name: `${name} of ${consumer.name}` } });
    },
  });
  const { infos } = infosOf(host);
  const name = async (server: string, consumer: string) => {
    const info = await infos.of({ scope: { kind: 'server', name: server }, consumer: { name: consumer } }, client);
    return info['name'];
  };
  expect([await name('one', 'a'), await name('two', 'a'), await name('one', 'b'), await name('one', 'a')]).toEqual([
    'one of a',
    'two of a',
    'one of b',
    'one of a',
  ]);
});

test('each bundle has its own', async () => {
  const host = new FakeHost({
    describe: (scope) =>
      Promise.resolve({
        ...description('modern'),
        info: { name: scope.kind === 'all' ? (scope.bundle ?? 'all') : '' },
      }),
  });
  const { infos } = infosOf(host);
  const name = async (bundle?: string) => {
    const scope = { kind: 'all', ...(bundle !== undefined && { bundle }) } as const;
    return (await infos.of({ scope, consumer: alice }, client))['name'];
  };
  expect([await name(), await name('a'), await name('b'), await name()]).toEqual(['all', 'a', 'b', 'all']);
});

test('a host that cannot be described is called by the fallback, and asked again next time', async () => {
  let tries = 0;
  const describe = () => (tries++ === 0 ? Promise.reject(new Error('down')) : Promise.resolve(description('modern')));
  const { infos } = infosOf(new FakeHost({ describe }));
  const caller = { scope: { kind: 'all' }, consumer: alice } as const;
  expect(await infos.of(caller, client)).toEqual({ name: 'fallback', version: '0' });
  expect(await infos.of(caller, client)).toEqual({ name: 'fake', version: '1.2.3' });
});
