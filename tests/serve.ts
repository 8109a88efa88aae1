import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { listen } from '@hostler/api';
import { loadConfig } from '@hostler/config';
import type { HostPlan } from '@hostler/config';
import type { Clock, UpstreamSpec } from '@hostler/kernel';
import { createRuntime } from '@hostler/runtime';
import type { Runtime } from '@hostler/runtime';

/** A host in this process, listening on a free port. */
export interface Served {
  /** Without a path. */
  readonly url: string;
  readonly runtime: Runtime;
  /** The log so far, JSON lines. */
  readonly log: () => string;
  readonly close: () => Promise<void>;
}

export interface ServeOptions {
  /** This process's own by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The configuration file; without it, one that has no servers. */
  readonly config?: string;
  /** Resolve as soon as the port is open, whatever the servers do. */
  readonly early?: boolean;
  readonly clock?: Clock;
}

/** Runs a whole host with servers given from code. */
export async function servePlan(servers: readonly UpstreamSpec[], options: ServeOptions = {}): Promise<Served> {
  const { environment = process.env, config = 'servers: {}\nlog: { level: debug }\n' } = options;
  const plan = await readPlan(config);
  const lines: string[] = [];
  const logDestination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const runtime = await createRuntime({
    plan,
    environment,
    logDestination,
    servers,
    ...(options.clock && { clock: options.clock }),
  });
  const listening = await listen(runtime, { host: '127.0.0.1', port: 0, fallback: false });
  const started = runtime.start();
  if (options.early !== true) await started;
  const url = listening.url.replace(/\/(mcp)?$/, '');
  return { url, runtime, log: () => lines.join(''), close: () => listening.close() };
}

/** The plan of a configuration file with this content. */
export async function readPlan(config: string): Promise<HostPlan> {
  const directory = await mkdtemp(join(tmpdir(), 'hostler-test-'));
  try {
    const path = join(directory, 'hostler.yaml');
    await writeFile(path, config);
    return (await loadConfig(path, { environment: {} })).plan;
  } finally {
    await rm(directory, { recursive: true });
  }
}
