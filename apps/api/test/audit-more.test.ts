import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { searchAudit } from '@hostler/audit';
import type { AuditRecord } from '@hostler/audit';
import { callModern, changingServer, exchange, openLegacySession, temporaryDirectory } from '@hostler/test-kit';
import { expect, it } from 'vitest';
import { bearer, newKey, startRig } from './support/consumers-rig.ts';

const ci = newKey();

async function recordsIn(directory: string): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const { record } of searchAudit(directory, {})) records.push(record);
  return records;
}

/** As soon as there is one like this. */
const isThere = (directory: string, wanted: object): Promise<void> =>
  expect.poll(() => recordsIn(directory), { timeout: 20_000 }).toContainEqual(expect.objectContaining(wanted));

const traceOf = (digit: string): string => digit.repeat(32);
const parentOf = (digit: string): string => `00-${traceOf(digit)}-${'b'.repeat(16)}-01`;

it('has the bundle, and the trace that a request is part of: by its own word, or by that of its header', async () => {
  await using folder = await temporaryDirectory();
  const directory = join(folder.path, 'audit');
  await using rig = await startRig({
    consumers: { ci: { keys: [ci.entry] } },
    bundles: { both: { allow: ['tool:*/echo'] } },
    audit: { sinks: [{ type: 'file', directory }] },
  });
  const headersOf = (digit: string) => ({ ...bearer(ci.key), traceparent: parentOf(digit) });
  const call = { name: 'one__echo', arguments: {} };
  await callModern(`${rig.url}/bundles/both/mcp`, 'tools/call', call, { headers: headersOf('1') });
  const session = await openLegacySession(`${rig.url}/mcp`, { headers: headersOf('2') });
  await session.call('tools/call', call);
  const own = { ...call, _meta: { traceparent: parentOf('3') } };
  await callModern(`${rig.url}/mcp`, 'tools/call', own, { headers: headersOf('4') });
  await exchange(`${rig.url}/v1/tools/one__echo/call?bundle=both`, { body: {}, headers: headersOf('5') });
  await exchange(`${rig.url}/v1/tools/one__echo/call`, {
    body: {},
    headers: { ...bearer(ci.key), traceparent: 'made up' },
  });
  await callModern(`${rig.url}/bundles/none/mcp`, 'tools/call', call, { headers: headersOf('6') });
  await isThere(directory, { kind: 'call', trace: traceOf('5'), bundle: 'both', entry: 'rest' });
  await expect
    .poll(async () => (await recordsIn(directory)).filter(({ phase, kind }) => kind === 'call' && phase === 'intent'), {
      timeout: 15_000,
    })
    .toHaveLength(5);
  const intents = (await recordsIn(directory)).filter(({ phase, kind }) => kind === 'call' && phase === 'intent');
  expect(intents.map(({ trace, bundle }) => [trace, bundle])).toEqual([
    [traceOf('1'), 'both'],
    [traceOf('2'), undefined],
    [traceOf('3'), undefined],
    [traceOf('5'), 'both'],
    [undefined, undefined],
  ]);
});

it('has what was approved, in what a server differs from it, and lockfiles that were taken over or not', async () => {
  await using folder = await temporaryDirectory();
  const directory = join(folder.path, 'audit');
  const content = join(folder.path, 'content.json');
  const offer = async (description: string): Promise<void> => {
    const tools = [{ name: 'find', description, inputSchema: { type: 'object' } }];
    await writeFile(`${content}.new`, JSON.stringify({ tools }));
    await rename(`${content}.new`, content);
  };
  await offer('Finds.');
  const { command, args } = changingServer(content);
  const file = join(folder.path, 'hostler.lock');
  await using rig = await startRig({
    servers: { changing: { command, args: [...args] } },
    lock: { file },
    audit: { sinks: [{ type: 'file', directory }] },
  });
  await rig.runtime.lock.approve({ all: true });
  const approval = { kind: 'change', action: 'approveLock', file, all: true };
  await isThere(directory, { ...approval, phase: 'intent' });
  await isThere(directory, { ...approval, phase: 'outcome', result: 'ok' });
  await expect(rig.runtime.lock.approve({ names: ['none'] })).rejects.toMatchObject({ code: 'LOCK_NOT_FOUND' });
  await isThere(directory, { action: 'approveLock', names: ['none'], result: 'failed', code: 'LOCK_NOT_FOUND' });
  await offer('Finds, and sends.');
  await isThere(directory, { kind: 'host', event: 'drift', server: 'changing', drift: ['wording: tool "find"'] });
  await offer('Finds.');
  await isThere(directory, { kind: 'host', event: 'drift-ended', server: 'changing' });
  await writeFile(file, 'no lockfile');
  await isThere(directory, { kind: 'host', event: 'lock-refused' });
});
