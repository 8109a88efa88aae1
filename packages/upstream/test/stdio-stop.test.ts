import { fileURLToPath } from 'node:url';
import { alive, chaosServer, descendants } from '@hostler/test-kit';
import { createConnectStdio } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { failureOf } from './support/failure-of.ts';
import { callTool } from './support/make-exchange.ts';
import { call, connectStdio, STOP_STEP, until } from './support/stdio-setup.ts';

describe('stopping a stdio server', () => {
  it('closes its stdin, and that is enough for one that behaves', async () => {
    const child = await connectStdio({ ...chaosServer(), limits: { stopStep: 20_000 } });
    const pid = Number((await call(child.connection, 'stats'))['pid']);
    await child.connection.close();
    expect(alive(pid)).toBe(false);
  });

  it('ends one that ignores both the end of stdin and SIGTERM', async () => {
    const child = await connectStdio(chaosServer('--ignore-sigterm', '--ignore-stdin-close'));
    const pid = Number((await call(child.connection, 'stats'))['pid']);
    const begun = performance.now();
    await child.connection.close();
    expect(alive(pid)).toBe(false);
    expect(performance.now() - begun).toBeGreaterThan(2 * STOP_STEP);
  });

  it('ends what the server started, also when it ignores SIGTERM', async () => {
    const child = await connectStdio(chaosServer());
    const { pid, grandchild } = await call(child.connection, 'fork-grandchild', { inherit: true });
    expect(alive(Number(grandchild))).toBe(true);
    await child.connection.close();
    expect([alive(Number(pid)), alive(Number(grandchild))]).toEqual([false, false]);
  });

  it('ends what the server started when the server itself has crashed', async () => {
    const child = await connectStdio(chaosServer());
    const { grandchild } = await call(child.connection, 'fork-grandchild', { inherit: true });
    await expect(child.connection.request(callTool('crash'))).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await child.connection.close();
    expect(alive(Number(grandchild))).toBe(false);
  });

  it('ends a descendant that has left the process group', async () => {
    const child = await connectStdio({
      command: process.execPath,
      args: [fileURLToPath(new URL('fixtures/stray-descendant.mjs', import.meta.url))],
      era: 'legacy',
    });
    const { stray } = await call(child.connection, 'any');
    expect(alive(Number(stray))).toBe(true);
    await child.connection.close();
    expect(alive(Number(stray))).toBe(false);
  });

  it('fails the calls in flight', async () => {
    const child = await connectStdio(chaosServer());
    const failure = failureOf(child.connection.request(callTool('hang')));
    await child.connection.close();
    expect(await failure).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      details: { mayHaveRun: true },
    });
  });

  it('leaves not even the keeper when the last one is stopped', async () => {
    const before = new Set(descendants(process.pid));
    const connect = createConnectStdio({ baseEnvironment: {} });
    const [one, two] = await Promise.all([
      connectStdio({ ...chaosServer(), connect }),
      connectStdio({ ...chaosServer(), connect }),
    ]);
    const started = (): number[] => descendants(process.pid).filter((pid) => !before.has(pid));
    expect(started()).toHaveLength(3);
    await one.connection.close();
    expect(started()).toHaveLength(2);
    await two.connection.close();
    expect(started()).toEqual([]);
  });

  it('starts the keeper again when somebody ends it', async () => {
    const before = new Set(descendants(process.pid));
    const child = await connectStdio(chaosServer());
    const pid = Number((await call(child.connection, 'stats'))['pid']);
    const keepers = (): number[] => descendants(process.pid).filter((id) => !before.has(id) && id !== pid);
    const [keeper] = keepers();
    process.kill(Number(keeper), 'SIGKILL');
    await until(() => keepers().some((id) => id !== keeper));
    await child.connection.close();
    expect(keepers()).toEqual([]);
  });
});
