import { ChildProcess } from 'node:child_process';
import { Socket as DatagramSocket } from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';
import { Server, Socket } from 'node:net';
import { join } from 'node:path';
import nodeProcess from 'node:process';
import timers from 'node:timers';
import { afterEach, describe, expect, it } from 'vitest';
import { root, sourceEntry, workspacePackages } from './workspace.ts';

/** Sources whose top level must do nothing. What a third-party package does when it is loaded is its own affair. */
const OURS = [join(root, 'packages/'), join(root, 'apps/'), join(root, 'tests/pins/fixtures/')];

const restores: (() => void)[] = [];

afterEach(() => {
  for (const restore of restores.splice(0).toReversed()) restore();
  syncBuiltinESMExports();
});

/** The first of our files that is running, as opposed to waiting for an import. */
function culprit(): string | undefined {
  const frames = (new Error('where').stack ?? '').split('\n').filter((line) => !/^\s*at async /.test(line));
  const frame = frames.find((line) => OURS.some((folder) => line.includes(folder)) && !line.includes('node_modules'));
  return frame && /([\w.-]+\.ts)/.exec(frame)?.[1];
}

interface Trap {
  readonly seen: string[];
  readonly deed: string;
}

/** Lets others pass; notes and stops the deed when one of our files does it. */
function trapCall(owner: object, key: string, { seen, deed }: Trap): void {
  const original: unknown = Reflect.get(owner, key);
  if (typeof original !== 'function') throw new Error(`${key} is no function`);
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  Object.defineProperty(owner, key, {
    configurable: true,
    writable: true,
    value(this: unknown, ...args: unknown[]): unknown {
      const file = culprit();
      if (file === undefined) return Reflect.apply(original, this, args);
      seen.push(`${file}: ${deed}`);
      throw new Error(`${deed} at import`);
    },
  });
  restores.push(() => {
    if (descriptor === undefined) Reflect.deleteProperty(owner, key);
    else Object.defineProperty(owner, key, descriptor);
  });
}

function trapEnvironment(seen: string[]): void {
  const original = process.env;
  const note = () => {
    const file = culprit();
    if (file !== undefined) seen.push(`${file}: environment`);
  };
  process.env = new Proxy(original, {
    get: (target, key) => (note(), Reflect.get(target, key)),
    has: (target, key) => (note(), Reflect.has(target, key)),
    ownKeys: (target) => (note(), Reflect.ownKeys(target)),
  });
  restores.push(() => (process.env = original));
}

/** Whatever our files do from here on, as `file: deed`. */
function setTraps(): readonly string[] {
  const seen: string[] = [];
  for (const key of ['setTimeout', 'setInterval', 'setImmediate']) {
    trapCall(globalThis, key, { seen, deed: key });
    trapCall(timers, key, { seen, deed: key });
  }
  trapCall(globalThis, 'fetch', { seen, deed: 'fetch' });
  trapCall(Socket.prototype, 'connect', { seen, deed: 'connect' });
  trapCall(Server.prototype, 'listen', { seen, deed: 'listen' });
  trapCall(DatagramSocket.prototype, 'bind', { seen, deed: 'bind' });
  trapCall(ChildProcess.prototype, 'spawn', { seen, deed: 'spawn' });
  trapCall(nodeProcess, 'on', { seen, deed: 'process.on' });
  trapCall(nodeProcess, 'once', { seen, deed: 'process.once' });
  trapEnvironment(seen);
  syncBuiltinESMExports();
  return seen;
}

const entries = workspacePackages().flatMap(({ folder, manifest }) =>
  Object.entries(manifest.exports ?? {}).flatMap(([path, entry]) => {
    const file = sourceEntry(entry);
    return file === undefined ? [] : [[`${manifest.name} ${path}`, join(root, folder, file)] as const];
  }),
);

describe('importing', () => {
  it('is watched for every kind of work', async () => {
    const seen = setTraps();
    await import('./fixtures/impure.ts');
    const deeds = [
      'environment',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'connect',
      'fetch',
      'spawn',
      'process.on',
    ];
    expect([...new Set(seen)]).toEqual(deeds.map((deed) => `impure.ts: ${deed}`));
    // Each of the three ways to read the environment, and both to set a timer.
    expect(seen.findIndex((line) => line.endsWith('setTimeout'))).toBe(3);
    expect(seen.findIndex((line) => line.endsWith('setInterval'))).toBe(5);
  });

  it.each(entries)('%s does no work', async (_, file) => {
    const seen = setTraps();
    await import(/* @vite-ignore */ file);
    expect(seen).toEqual([]);
  });
});
