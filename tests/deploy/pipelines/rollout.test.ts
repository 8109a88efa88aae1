import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@hostler/test-kit';
import type { TemporaryDirectory } from '@hostler/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../../scripts/rollout.sh', import.meta.url));
const good = `ghcr.io/hostler/hostler-api@sha256:${'a'.repeat(64)}`;
const bad = `ghcr.io/hostler/hostler-api@sha256:${'b'.repeat(64)}`;
const KEY = 'the-key-of-the-smoke-test';

// A cluster of one file: the image of its deployment. The rollout of one image never ends well, and with it the host is of no
// use.
const KUBECTL = `#!/usr/bin/env bash
set -euo pipefail
echo "$*" >>"$CLUSTER.calls"
case "$*" in
  *' get deployment '*) cat "$CLUSTER" ;;
  *' --dry-run=server') ;;
  *' set image '*) printf '%s' "\${!#}" | sed 's/^hostler=//' >"$CLUSTER" ;;
  *' rollout status '*) ! grep -q "$BROKEN" "$CLUSTER" ;;
  *' logs '*) echo 'its last words' ;;
esac
`;

let directory: TemporaryDirectory;
let server: Server;
let url: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
  writeFileSync(join(directory.path, 'kubectl'), KUBECTL);
  chmodSync(join(directory.path, 'kubectl'), 0o755);
  writeFileSync(join(directory.path, 'cluster'), good);
  server = createServer((request, response) => {
    request.resume();
    const isOfUse =
      readFileSync(join(directory.path, 'cluster'), 'utf8') === good &&
      request.headers.authorization === `Bearer ${KEY}`;
    if (request.url === '/readyz') return void response.end('{}');
    const result = { serverInfo: { name: 'hostler', version: '1.0.0' }, tools: [] };
    const body = (id: number): string => JSON.stringify({ jsonrpc: '2.0', id, result });
    // The same answers to both requests of the smoke test, as a stream.
    response.writeHead(isOfUse ? 200 : 500, { 'content-type': 'text/event-stream' });
    return void response.end(isOfUse ? `data: ${body(1)}\n\ndata: ${body(2)}\n\n` : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.close();
  await directory[Symbol.asyncDispose]();
});

function rollout(
  command: readonly string[],
  broken = 'nothing',
): Promise<{ readonly code: number; readonly output: string }> {
  const env = {
    ...process.env,
    PATH: `${directory.path}:${process.env['PATH'] ?? ''}`,
    CLUSTER: join(directory.path, 'cluster'),
    BROKEN: broken,
    HOSTLER_KEY: KEY,
  };
  return new Promise((resolve) => {
    execFile('bash', [script, ...command], { env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 99), output: stdout + stderr }),
    );
  });
}

const image = (): string => readFileSync(join(directory.path, 'cluster'), 'utf8');
const calls = (): string => readFileSync(join(directory.path, 'cluster.calls'), 'utf8');

test('an image that works stays', async () => {
  const before = `hostler-api@sha256:${'c'.repeat(64)}`;
  writeFileSync(join(directory.path, 'cluster'), before);
  const { code, output } = await rollout(['--url', url, good]);
  expect([code, image()]).toEqual([0, good]);
  expect(output).toContain('smoke test: passed');
  expect(output).toContain(`the image before was ${before}`);
  expect(calls()).toContain('--namespace hostler');
  expect(calls() + output).not.toContain(KEY);
});

test('one whose rollout does not end is replaced by the digest before', async () => {
  const { code, output } = await rollout(['--url', url, bad], bad);
  expect([code, image()]).toEqual([1, good]);
  expect(output).toContain('its last words');
  expect(output).toContain(`${good} runs again`);
});

test('so is one that is ready and of no use', async () => {
  const { code, output } = await rollout(['--url', url, bad]);
  expect([code, image()]).toEqual([1, good]);
  expect(output).toContain('smoke test: FAILED');
});

test('when neither works it says so', async () => {
  expect((await rollout([bad], 'sha256')).code).toBe(3);
});

test('with --check, without a digest or with an unknown option nothing is changed', async () => {
  expect(await rollout(['--check', bad])).toEqual({
    code: 0,
    output: expect.stringContaining(`would replace ${good} by ${bad}`),
  });
  expect((await rollout(['hostler-api:latest'])).code).toBe(2);
  expect((await rollout(['--force', bad])).code).toBe(2);
  expect(image()).toBe(good);
});
