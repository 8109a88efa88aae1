import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchAudit, verifyAudit } from '@hostler/audit';
import type { AuditRecord } from '@hostler/audit';
import { exchange } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { bearer, faces, newKey, startRig } from './support/consumers-rig.ts';
import type { ConsumersRig, Settings } from './support/consumers-rig.ts';

const ci = newKey();
const boss = newKey();
const CANARY = 'canary-of-an-argument';

const settings = (directory: string, more: object = {}): Settings => ({
  consumers: {
    ci: { keys: [ci.entry], allow: ['tool:one/echo', 'tool:two/*'] },
    boss: { keys: [boss.entry], roles: ['admin'] },
  },
  api: { servers: { enabled: true, commands: ['node'] } },
  audit: { sinks: [{ type: 'file', directory, ...more }] },
});

async function withRig(
  work: (rig: ConsumersRig, directory: string) => Promise<void>,
  more: object = {},
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'hostler-audit-rig-'));
  try {
    {
      await using rig = await startRig(settings(directory, more));
      await work(rig, directory);
    }
    expect(await verifyAudit(directory)).toMatchObject({ problems: [], isIntact: true });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function recordsIn(directory: string): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const { record } of searchAudit(directory, {})) records.push(record);
  return records;
}

/** The records as soon as there is one like this. */
async function withRecord(directory: string, wanted: object): Promise<readonly AuditRecord[]> {
  await expect.poll(() => recordsIn(directory), { timeout: 20_000 }).toContainEqual(expect.objectContaining(wanted));
  return recordsIn(directory);
}

describe('the audit record of a running host', () => {
  it('has a pair for each call, over every face and REST, with who it was and by which means, and no argument', () =>
    withRig(async ({ url }, directory) => {
      const entries: string[] = [];
      for (const [name, open] of Object.entries(faces)) {
        // oxlint-disable no-await-in-loop -- one after the other
        await using client = await open(url, bearer(ci.key));
        await client.ask('tools/call', { name: 'one__echo', arguments: { message: CANARY } });
        entries.push(name === 'WebSocket' ? 'ws' : 'mcp');
        // oxlint-enable no-await-in-loop
      }
      const body = { arguments: { message: CANARY } };
      const answer = await exchange(`${url}/v1/tools/one__echo/call`, { body, headers: bearer(ci.key) });
      expect(answer.status).toBe(200);
      const records = await withRecord(directory, { entry: 'rest', phase: 'intent' });
      await withRecord(directory, { phase: 'outcome', id: records.find(({ entry }) => entry === 'rest')?.id });
      const calls = (await recordsIn(directory)).filter(({ kind }) => kind === 'call');
      const intents = calls.filter(({ phase }) => phase === 'intent');
      expect(intents.map(({ entry }) => entry)).toEqual([...entries, 'rest']);
      for (const intent of intents) {
        expect(intent).toMatchObject({
          consumer: 'ci',
          proof: 'key',
          method: 'tools/call',
          server: 'one',
          item: 'tool',
          name: 'echo',
          generation: 1,
          secrets: [],
          arguments: { message: 'string' },
        });
        expect(intent['digest']).toMatch(/^[0-9a-f]{64}$/);
        const same = calls.filter(({ id, phase }) => id === intent.id && phase === 'outcome');
        expect(same).toMatchObject([{ result: 'ok', consumer: 'ci', server: 'one' }]);
      }
      expect(new Set(intents.map(({ digest }) => digest)).size).toBe(1);
      expect(JSON.stringify(calls)).not.toContain(CANARY);
    }));

  it('has what was refused, who could not prove anything, and who changed what', () =>
    withRig(async (rig, directory) => {
      const { url, runtime } = rig;
      await exchange(`${url}/v1/tools/one__slow/call`, { body: {}, headers: bearer(ci.key) });
      await exchange(`${url}/v1/tools`, { headers: bearer(newKey().key) });
      await exchange(`${url}/mcp`, { body: {} });
      await exchange(`${url}/v1/servers/one/restart`, { method: 'POST', headers: bearer(ci.key) });
      const restarted = await exchange(`${url}/v1/servers/one/restart`, { method: 'POST', headers: bearer(boss.key) });
      expect(restarted.status).toBe(200);
      await exchange(`${url}/v1/servers/none/restart`, { method: 'POST', headers: bearer(boss.key) });
      await rig.write({ ...settings(directory), log: { level: 'info' } });
      const records = await withRecord(directory, { event: 'reload' });
      const find = (wanted: object): void => expect(records).toContainEqual(expect.objectContaining(wanted));
      find({
        kind: 'decision',
        consumer: 'ci',
        rule: 'view',
        code: 'ROUTE_NOT_FOUND',
        name: 'one__slow',
        entry: 'rest',
      });
      find({ kind: 'access', rule: 'authentication', code: 'AUTH_INVALID', address: '127.0.0.1', entry: 'rest' });
      find({ kind: 'access', code: 'AUTH_MISSING', entry: 'mcp' });
      find({ kind: 'decision', consumer: 'ci', rule: 'role', code: 'API_FORBIDDEN', permission: 'servers:restart' });
      find({ kind: 'change', phase: 'intent', consumer: 'boss', action: 'restartServer', target: { name: 'one' } });
      find({ kind: 'change', phase: 'outcome', consumer: 'boss', action: 'restartServer', result: 'ok' });
      find({ kind: 'change', phase: 'outcome', result: 'failed', code: 'SERVER_NOT_FOUND' });
      find({ kind: 'host', event: 'start' });
      find({ kind: 'host', event: 'reload', generation: 2, applied: ['log.level'] });
      const metrics = await exchange(`${url}/metrics`, { headers: bearer(boss.key) });
      expect(metrics.text).toMatch(/hostler_audit_records_total [1-9]/);
      expect(metrics.text).toContain('hostler_audit_sink_failing{sink="file"} 0');
      expect(runtime.readiness().audit?.sinks).toMatchObject([{ sink: 'file', failing: false, dropped: 0 }]);
      const ready = await exchange(`${url}/readyz`, { headers: bearer(boss.key) });
      expect(JSON.parse(ready.text)).toMatchObject({ audit: [{ sink: 'file' }] });
    }));

  it('keeps calls and changes from running while it cannot be written, on every path', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hostler-audit-rig-'));
    try {
      // A second later nothing is there any more to write into.
      await using rig = await startRig(settings(directory, { segmentAge: '1s' }));
      const call = () => exchange(`${rig.url}/v1/tools/one__echo/call`, { body: {}, headers: bearer(ci.key) });
      expect((await call()).status).toBe(200);
      await rm(directory, { recursive: true });
      await writeFile(directory, '');
      await expect.poll(async () => (await call()).status, { timeout: 20_000 }).toBe(503);
      const refused = await call();
      expect(JSON.parse(refused.text)).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
      for (const open of Object.values(faces)) {
        // oxlint-disable no-await-in-loop -- one after the other
        await using client = await open(rig.url, bearer(ci.key));
        const answer = await client.ask('tools/call', { name: 'one__echo', arguments: { message: 'x' } });
        expect(answer).toMatchObject({ error: { code: -32_019 } });
        // oxlint-enable no-await-in-loop
      }
      const change = await exchange(`${rig.url}/v1/servers/one/restart`, { method: 'POST', headers: bearer(boss.key) });
      expect(change.status).toBe(503);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
