import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { listen } from '@hostler/api';
import { loadConfig } from '@hostler/config';
import type { UpstreamSpec } from '@hostler/kernel';
import { createRuntime } from '@hostler/runtime';
import type { Runtime } from '@hostler/runtime';

/** A host in this process, listening on a free port. */
export interface Served {
  /** Without a path. */
  readonly url: string;
  readonly runtime: Runtime;
  /** The log so far, JSON lines. */
  log(): string;
  close(): Promise<void>;
}

/** Runs a whole host with servers given from code. */
export async function servePlan(servers: readonly UpstreamSpec[]): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), 'hostler-test-'));
  const path = join(directory, 'hostler.yaml');
  await writeFile(path, 'servers: {}\nlog: { level: debug }\n');
  const { plan } = await loadConfig(path, { environment: {} });
  const lines: string[] = [];
  const logDestination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const runtime = await createRuntime({ plan, environment: process.env, logDestination, servers });
  await runtime.start();
  const listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false });
  const url = listening.url.replace(/\/(mcp)?$/, '');
  return { url, runtime, log: () => lines.join(''), close: () => listening.close() };
}
