import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { loadConfig } from '@hostler/config';
import { chaosServer, temporaryDirectory } from '@hostler/test-kit';
import type { TemporaryDirectory } from '@hostler/test-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRuntime } from '../src/index.ts';
import type { Runtime } from '../src/index.ts';

let folder: TemporaryDirectory;
let runtime: Runtime | undefined;
let log: string;

beforeEach(async () => {
  folder = await temporaryDirectory();
  log = '';
});
afterEach(async () => {
  await runtime?.close();
  runtime = undefined;
  await folder[Symbol.asyncDispose]();
});

const path = (name: string): string => join(folder.path, name);

async function configure(servers: readonly string[], more: object = { lock: { file: 'hostler.lock' } }): Promise<void> {
  const entries = servers.map((name) => [name, chaosServer()] as const);
  await writeFile(path('hostler.json'), JSON.stringify({ servers: Object.fromEntries(entries), ...more }));
}

async function start(): Promise<Runtime> {
  const { plan } = await loadConfig(path('hostler.json'));
  const logDestination = new Writable({ write: (chunk: Buffer, _, done) => ((log += chunk.toString()), done()) });
  runtime = await createRuntime({ plan, environment: process.env, logDestination });
  await runtime.start();
  return runtime;
}

const drifting = ({ lock }: Runtime): string[] => [...new Set(lock.drift().map(({ server }) => server))];

describe('the lockfile of a running host', () => {
  it('does not start with one that cannot be used, nor goes on without it when there is none', async () => {
    await configure(['one']);
    await writeFile(path('hostler.lock'), '{"version":1,"servers":{"one":{}}}');
    await expect(start()).rejects.toMatchObject({ code: 'LOCK_INVALID' });
    await writeFile(path('hostler.json'), JSON.stringify({ servers: {}, lock: { file: 'other.lock' } }));
    const { lock } = await start();
    expect([lock.exists(), lock.drift()]).toEqual([false, []]);
    expect(log).toContain('there is no lockfile yet');
  });

  it('forgets servers that are configured no more when everything is approved, and those alone', async () => {
    await configure(['one', 'two']);
    const host = await start();
    const { lock } = host;
    await lock.approve({ all: true });
    await configure(['one', 'three']);
    await host.reload();
    await vi.waitFor(() => expect(drifting(runtime!)).toEqual(['three']), { timeout: 20_000 });
    const { approved } = await lock.approve({ names: ['three'] });
    expect(new Set(approved.map(({ grade }) => grade))).toEqual(new Set(['new']));
    await expect(lock.approve({ names: ['two'] })).rejects.toMatchObject({ code: 'LOCK_NOT_FOUND' });
    await lock.approve({ all: true });
    await configure(['one', 'two', 'three']);
    await host.reload();
    await vi.waitFor(() => expect(drifting(runtime!)).toEqual(['two']), { timeout: 20_000 });
  });

  it('compares nothing when the configuration names none, also when it did before', async () => {
    await configure(['one']);
    const host = await start();
    const { lock } = host;
    await vi.waitFor(() => expect(drifting(runtime!)).toEqual(['one']), { timeout: 20_000 });
    await configure(['one'], {});
    await host.reload();
    expect([lock.file, lock.drift()]).toEqual([undefined, []]);
    await expect(lock.compare()).rejects.toMatchObject({ code: 'LOCK_OFF' });
    await expect(lock.approve({ all: true })).rejects.toMatchObject({ code: 'LOCK_OFF' });
  });
});
