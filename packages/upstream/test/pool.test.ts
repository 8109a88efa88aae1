import { alive, descendants } from '@hostler/test-kit';
import { createConnectors, createPool } from '@hostler/upstream';
import { describe, expect, it } from 'vitest';
import { askableClient, callTool, makeSession, plainClient, userOf } from './support/make-exchange.ts';
import { chaosSpec, startPool } from './support/pool-setup.ts';
import { RecordingLog } from './support/recording-log.ts';
import { noSecrets } from './support/no-secrets.ts';
import { call, realClock, STOP_STEP, textOf, until, WatchedClock } from './support/stdio-setup.ts';

describe('a pool of real servers', () => {
  it('starts a crashed server again, and the next call succeeds within five seconds', async () => {
    const clock = new WatchedClock();
    await using started = await startPool([chaosSpec('a'), chaosSpec('b')], { clock });
    const { pool } = started;
    const connection = await pool.connection('a', userOf(plainClient));
    const { pid } = await call(connection, 'stats');
    clock.waited = 0;
    await expect(connection.request(callTool('crash-mid-write'))).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      details: { mayHaveRun: true },
    });
    expect(() => pool.connection('a', userOf(plainClient))).toThrow('The server "a" is not available.');
    expect(textOf(await (await pool.connection('b', userOf(plainClient))).request(callTool('ok')))).toBe('ok');
    await until(() => pool.states()[0]?.status === 'up');
    const { tools, pid: newPid } = await call(await pool.connection('a', userOf(plainClient)), 'stats');
    // All that the host waited for; how long a process takes to end and to start is the affair of the machine.
    expect(clock.waited).toBeLessThan(5_000);
    expect(newPid).not.toBe(pid);
    // The call that was lost is not made again.
    expect(tools).toEqual({ stats: 1 });
    expect(pool.states()).toMatchObject([{ restarts: 1 }, { restarts: 0 }]);
  });

  it('explains in its log why a server ended, with the last of its stderr', async () => {
    const transport = {
      kind: 'stdio',
      command: process.execPath,
      args: ['-e', 'console.error("no licence found"); process.exit(3)'],
      env: {},
      cwd: process.cwd(),
    } as const;
    await using started = await startPool([chaosSpec('a', [], { transport, era: 'legacy' })]);
    expect(started.pool.states()).toMatchObject([{ status: 'down', problem: 'It exited with code 3.' }]);
    const end = started.log.of('warn').find(({ message }) => message === 'the server ended unexpectedly');
    expect(end?.fields).toMatchObject({ server: 'a', stderr: ['no licence found'] });
  });

  it('gives each askable client a process of its own, whose questions reach only that client', async () => {
    await using started = await startPool([chaosSpec('a')]);
    const { pool } = started;
    const clients = [askableClient(makeSession('s1')), askableClient(makeSession('s2')), plainClient];
    const connections = await Promise.all(clients.map(async (client) => pool.connection('a', userOf(client))));
    const pids = await Promise.all(connections.map(async (connection) => (await call(connection, 'stats'))['pid']));
    expect(new Set(pids).size).toBe(3);
    const exchange = callTool(
      'ask-elicitation',
      {},
      {
        answer: () => Promise.resolve({ kind: 'result', result: { action: 'accept', content: { name: 'One' } } }),
      },
    );
    expect(textOf(await connections[0]!.request(exchange))).toContain('One');
    expect(exchange.questions).toHaveLength(1);
    await pool.endSession('s1');
    expect(pids.map((pid) => alive(Number(pid)))).toEqual([false, true, true]);
  });

  it('refuses the questions of a shared connection', async () => {
    await using started = await startPool([chaosSpec('a')]);
    const connection = await started.pool.connection('a', userOf(plainClient));
    expect(textOf(await connection.request(callTool('ask-elicitation')))).toContain('-32601');
  });

  it.each(['legacy', 'modern'])('hears when the lists of a %s server change', async (era) => {
    await using started = await startPool([chaosSpec('a', ['--era', era])]);
    const connection = await started.pool.connection('a', userOf({ ...plainClient, era: 'modern' }));
    await connection.request(callTool('list-changed'));
    const heard = (): unknown[] => started.events.filter(({ kind }) => kind === 'notification');
    await until(() => heard().length > 0);
    expect(heard()[0]).toMatchObject({ server: 'a', notification: { method: 'notifications/tools/list_changed' } });
  });

  it('leaves no process when it is closed, whatever its servers do', async () => {
    const before = new Set(descendants(process.pid));
    const { pool } = await startPool([
      chaosSpec('a'),
      chaosSpec('b', ['--ignore-sigterm', '--ignore-stdin-close']),
      chaosSpec('c', ['--silent'], { startTimeout: 500 }),
    ]);
    const { grandchild } = await call(await pool.connection('a', userOf(plainClient)), 'fork-grandchild');
    await pool.connection('a', userOf(askableClient(makeSession('s1'))));
    await pool.close();
    expect(descendants(process.pid).filter((pid) => !before.has(pid))).toEqual([]);
    expect(alive(Number(grandchild))).toBe(false);
  });

  it('can be closed while its servers still start', async () => {
    const before = new Set(descendants(process.pid));
    const log = new RecordingLog();
    const pool = createPool({
      specs: [chaosSpec('a', ['--silent']), chaosSpec('b', ['--start-delay', '10000'])],
      log,
      clock: realClock,
      secrets: noSecrets,
      connectors: createConnectors({ baseEnvironment: {} }),
      limits: { stopStep: STOP_STEP },
    });
    const starting = pool.start();
    await until(() => descendants(process.pid).filter((pid) => !before.has(pid)).length >= 3);
    await pool.close();
    await starting;
    expect(descendants(process.pid).filter((pid) => !before.has(pid))).toEqual([]);
  });
});
