import { join } from 'node:path';
import { startGcpSecretManager, startProcess } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { TRANSPORTS } from './backend.ts';

const CANARY = 'canary-5f0c1e7a9b';
const script = join(import.meta.dirname, 'read-quietly.ts');

async function readIn(environment: Record<string, string>, transport: 'grpc' | 'rest') {
  await using backend = await startGcpSecretManager();
  backend.set('token', CANARY);
  const parameters = ['--conditions=@hostler/source', script, transport, backend[transport]];
  const waiting = { waitFor: /^\{"steps"/, timeout: 50_000 };
  await using child = await startProcess(process.execPath, parameters, { env: environment, ...waiting });
  const { code } = await child.exited;
  await Promise.all([child.stdout.ended, child.stderr.ended]);
  return { code, line: child.firstLine, stdout: child.stdout.text(), stderr: child.stderr.text() };
}

describe.each(TRANSPORTS)('a program that reads over %s', (transport) => {
  it('loads no library of Google before the first read, prints nothing, and comes to its end', async () => {
    const { code, line, stdout, stderr } = await readIn({ PATH: '/nowhere', HOME: '/nowhere' }, transport);
    expect(JSON.parse(line)).toEqual({ steps: [false, false, true], length: CANARY.length, missing: 'HostlerError' });
    expect([code, stdout.trim(), stderr]).toEqual([0, line, '']);
  });

  it('prints no value with the debugging of the library and of Node switched on', async () => {
    const debugging = {
      GOOGLE_SDK_NODE_LOGGING: '*',
      GRPC_TRACE: 'all',
      GRPC_VERBOSITY: 'DEBUG',
      NODE_DEBUG: 'http,http2,net,stream',
    };
    const { code, stdout, stderr } = await readIn({ PATH: '/nowhere', HOME: '/nowhere', ...debugging }, transport);
    expect([code, stderr.length > 0]).toEqual([0, true]);
    const bytes = Buffer.from(CANARY);
    const forms = [CANARY, bytes.toString('base64'), bytes.toString('hex'), [...bytes].join(',')];
    for (const form of forms) expect(stdout + stderr).not.toContain(form);
  });
});
