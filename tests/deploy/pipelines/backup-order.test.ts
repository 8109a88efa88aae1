import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@hostler/test-kit';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../../scripts/backup.sh', import.meta.url));

// An engine whose container is this machine. Whenever something is asked of it, the host in it has written a record meanwhile,
// and remembers how far it has come.
const DOCKER = `#!/usr/bin/env bash
set -euo pipefail
case "$*" in
  *' ps '*) echo container ;;
  'exec --interactive container '*)
    echo record >>"$HOSTLER_STATE/audit/audit-0-1.jsonl"
    wc -l <"$HOSTLER_STATE/audit/audit-0-1.jsonl" >"$HOSTLER_STATE/one/audit-heads/audit-0.json"
    shift 3
    exec "$@"
    ;;
  inspect*) echo 'hostler-api@sha256:${'a'.repeat(64)}' ;;
esac
`;

test('a copy never lacks a record that the host remembers, and no lock is in it', async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const state = join(path, 'state');
  for (const folder of ['state/audit', 'state/one/audit-heads', 'configuration']) {
    mkdirSync(join(path, folder), { recursive: true });
  }
  writeFileSync(join(path, 'docker'), DOCKER);
  chmodSync(join(path, 'docker'), 0o755);
  writeFileSync(join(state, 'audit/audit-0.lock'), '{}');
  writeFileSync(join(path, 'configuration/hostler.yaml'), 'servers: {}\n');
  const { status, stdout, stderr } = spawnSync('bash', [script, 'copy'], {
    cwd: path,
    encoding: 'utf8',
    timeout: 60_000,
    env: {
      ...process.env,
      PATH: `${path}:${process.env['PATH'] ?? ''}`,
      HOSTLER_STATE: state,
      HOSTLER_CONFIGURATION: join(path, 'configuration'),
    },
  });
  expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('files of state')]);

  execFileSync('tar', ['-xzf', 'copy'], { cwd: path });
  const inside = (archive: string, name: string): string =>
    execFileSync('tar', ['-xOf', archive, name], { cwd: path, encoding: 'utf8' });
  const remembered = Number(inside('heads.tar', './one/audit-heads/audit-0.json'));
  const records = inside('state.tar', './audit/audit-0-1.jsonl').trim().split('\n').length;
  expect(remembered).toBeGreaterThan(0);
  expect(records).toBeGreaterThanOrEqual(remembered);
  expect(execFileSync('tar', ['-tf', 'state.tar'], { cwd: path, encoding: 'utf8' })).not.toMatch(/lock|audit-heads/);
});
