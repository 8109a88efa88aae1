import { exchange } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { bearer, newKey, startRig } from './support/consumers-rig.ts';

it('what is logged of each part is read and changed at run time, by whoever may, until the file says something new', async () => {
  const [viewer, operator] = [newKey(), newKey()];
  const consumers = {
    viewer: { keys: [viewer.entry], roles: ['viewer'] },
    operator: { keys: [operator.entry], roles: ['operator'] },
  };
  await using rig = await startRig({ consumers, log: { level: 'warn' } });
  const ask = (key: string, method: string, body?: object, more: Record<string, string> = {}) =>
    exchange(`${rig.url}/v1/log`, { method, headers: { ...bearer(key), ...more }, ...(body && { body }) });
  const levels = async () => JSON.parse((await ask(viewer.key, 'GET')).text) as unknown;
  expect(await levels()).toEqual({ level: 'warn', modules: {} });
  expect(rig.log()).not.toContain('"module":"api"');

  const change = { level: 'warn', modules: { api: 'info' } };
  expect((await ask(viewer.key, 'PUT', change)).status).toBe(403);
  expect((await ask(operator.key, 'PUT', change, { origin: 'http://127.0.0.1:1' })).status).toBe(403);
  expect((await ask(operator.key, 'PUT', { modules: { api: 'loud' } })).status).toBe(400);
  expect(await levels()).toEqual({ level: 'warn', modules: {} });

  expect(JSON.parse((await ask(operator.key, 'PUT', change)).text)).toEqual(change);
  expect(rig.log()).toContain('"module":"api","consumer":"operator"');
  await rig.runtime.reload();
  expect(await levels()).toEqual(change);
  await rig.write({ consumers, log: { level: 'error' } });
  await rig.runtime.reload();
  expect(await levels()).toEqual({ level: 'error', modules: {} });
});
