import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runIn } from './support/run-in-memory.ts';

const grants = [
  {
    id: 'aa'.repeat(32),
    server: 'far',
    consumer: 'team',
    subject: 'ada',
    issuer: 'https://id.example',
    obtainedAt: '2026-11-21T10:20:30.000Z',
    renewable: true,
  },
  {
    id: `ab${'a'.repeat(62)}`,
    server: 'far\u001b[31m',
    consumer: 'ci',
    issuer: 'https://id.example',
    obtainedAt: '2026-11-20T00:00:00.000Z',
    renewable: false,
  },
];

let host: Server;
let asked: string[] = [];
let present: readonly object[] = grants;

beforeEach(async () => {
  [asked, present] = [[], grants];
  host = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method === 'DELETE') response.writeHead(204).end();
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ grants: present }));
  });
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  host.closeAllConnections();
  await new Promise((resolve) => host.close(resolve));
});

async function oauth(...line: string[]) {
  const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  const { exitCode, stdout, stderr } = await runIn(tmpdir(), ['oauth', ...line, '--url', url]);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

describe('hostler oauth', () => {
  it('lists who has agreed to what, for people and for programs', async () => {
    const { stdout, exitCode } = await oauth('list');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ID +SERVER +CONSUMER +USER +SINCE \(UTC\) +ISSUER$/m);
    expect(stdout).toMatch(/^aaaaaaaaaaaa +far +team +ada +2026-11-21 10:20 +https:\/\/id\.example$/m);
    expect(stdout).not.toContain('\u001b[31m');
    expect(JSON.parse((await oauth('list', '--json')).stdout)).toEqual({ grants });
    present = [];
    expect(await oauth('list')).toMatchObject({ exitCode: 0, stdout: '', stderr: 'Nobody has agreed to anything.\n' });
  });

  it('revokes by the beginning of an id, each once', async () => {
    expect(await oauth('revoke', 'AAA', 'aaaa')).toMatchObject({ exitCode: 0, stdout: 'revoked: far for ada\n' });
    expect(asked).toEqual(['GET /v1/oauth/grants', `DELETE /v1/oauth/grants/${'aa'.repeat(32)}`]);
    expect(JSON.parse((await oauth('revoke', 'ab', '--json')).stdout)).toEqual({ revoked: [grants[1]] });
  });

  it('revokes nothing where one of the ids is none, or could be several', async () => {
    expect(await oauth('revoke', 'aaa', 'b')).toMatchObject({ exitCode: 5, stderr: /no grant "b"/ as never });
    expect(await oauth('revoke', 'a')).toMatchObject({ exitCode: 2, stderr: /more than one grant/ as never });
    expect(await oauth('revoke', '')).toMatchObject({ exitCode: 5 });
    expect(asked.filter((one) => one.startsWith('DELETE'))).toEqual([]);
  });
});
