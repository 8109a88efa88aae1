import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { searchAudit, verifyAudit } from '@hostler/audit';
import type { AuditRecord } from '@hostler/audit';
import { callModern, chaosServer, startProcess, temporaryDirectory } from '@hostler/test-kit';
import { expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

function start(config: string) {
  const line = ['--conditions=@hostler/source', cli, 'run', config, '--port', '0', '--json'];
  return startProcess(process.execPath, line, { waitFor: /"event":"ready"/, timeout: 30_000 });
}

async function recordsIn(directory: string): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const { record } of searchAudit(directory, {})) records.push(record);
  return records;
}

it('U-2 SIGKILL between a call and its end: it is in the record as begun, and the next host goes on behind it', async () => {
  await using directory = await temporaryDirectory();
  const config = join(directory.path, 'hostler.json');
  const audit = join(directory.path, 'audit');
  const settings = {
    servers: { one: chaosServer() },
    state: { directory: './state' },
    audit: { sinks: [{ type: 'file', directory: './audit' }] },
  };
  await writeFile(config, JSON.stringify(settings));
  const host = await start(config);
  const { url } = JSON.parse(host.firstLine) as { readonly url: string };
  const call = (tool: string, at: string) =>
    callModern(new URL('/mcp', at).href, 'tools/call', { name: `one__${tool}` });
  await call('ok', url);
  const lost = call('hang', url).catch((error: unknown) => error);
  const wanted = expect.objectContaining({ kind: 'call', phase: 'intent', name: 'hang', server: 'one' }) as unknown;
  await expect.poll(() => recordsIn(audit), { timeout: 10_000 }).toContainEqual(wanted);
  process.kill(host.pid, 'SIGKILL');
  await host.exited;
  expect(await lost).toBeInstanceOf(Error);
  const left = await verifyAudit(audit);
  expect(left.problems.map(({ problem }) => problem)).toEqual(['truncated']);
  expect(left.chains).toMatchObject([
    { unknownCount: 1, unknown: [{ name: 'hang', server: 'one' }], isBeingWritten: false },
  ]);

  await using again = await start(config);
  await call('ok', (JSON.parse(again.firstLine) as { readonly url: string }).url);
  await again.stop(10_000);
  const after = await verifyAudit(audit);
  expect(after.problems).toEqual([]);
  // Nobody knows whether it ran: it stays like that.
  expect(after.chains).toMatchObject([{ unknownCount: 1, isClosed: true, shard: 0 }]);
  const starts = (await recordsIn(audit)).filter(({ event }) => event === 'start' || event === 'stop');
  expect(starts.map(({ event }) => event)).toEqual(['start', 'start', 'stop']);
});
