import { alive, chaosServer } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { failureOf } from './support/failure-of.ts';
import { callTool } from './support/make-exchange.ts';
import { call, connectStdio, structured, textOf, WatchedClock } from './support/stdio-setup.ts';
import type { StdioConnected } from './support/stdio-setup.ts';

/** Milliseconds for a call that is answered, where those that are not have little time. */
const PATIENCE = 20_000;

const answerOf = async ({ connection }: StdioConnected, tool: string): Promise<string> =>
  textOf(await connection.request(callTool(tool), PATIENCE));

describe('a stdio server that misbehaves', () => {
  it('crashes in mid-call: the call fails within a second and may have run', async () => {
    const clock = new WatchedClock();
    await using child = await connectStdio({ ...chaosServer(), clock });
    clock.waited = 0;
    await expect(child.connection.request(callTool('crash-mid-write'))).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      details: { mayHaveRun: true, problem: 'It exited with code 1.' },
    });
    // How long a process takes to end is the affair of the machine.
    expect(clock.waited).toBeLessThan(1_000);
    expect((await child.ended).code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('hangs: the call fails at its deadline, the server is told, and other calls go on', async () => {
    await using child = await connectStdio({ ...chaosServer(), callTimeout: 400 });
    const begun = performance.now();
    const hanging = child.connection.request(callTool('hang'));
    const failure = failureOf(hanging);
    expect(await answerOf(child, 'ok')).toBe('ok');
    expect(await failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT', details: { mayHaveRun: true } });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(399);
    const stats = structured(await child.connection.request(callTool('stats'), PATIENCE));
    expect(stats).toMatchObject({ cancelled: [expect.any(Number)] });
  });

  it('answers after it was cancelled: the answer goes to nobody', async () => {
    await using child = await connectStdio({ ...chaosServer(), callTimeout: 300 });
    await expect(child.connection.request(callTool('late-response'))).rejects.toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
    });
    expect(await answerOf(child, 'ok')).toBe('ok');
  });

  it.each(['wrong-id', 'duplicate-id'])('%s: the next call gets its own answer', async (tool) => {
    await using child = await connectStdio({ ...chaosServer(), callTimeout: 500 });
    await child.connection.request(callTool(tool)).catch(() => undefined);
    expect(await answerOf(child, 'ok')).toBe('ok');
  });

  it('writes garbage to stdout: the call succeeds, and one warning shows a harmless sample', async () => {
    await using child = await connectStdio(chaosServer());
    expect(textOf(await child.connection.request(callTool('garbage')))).toBe('after the garbage');
    await child.connection.request(callTool('garbage'));
    const warnings = child.log.of('warn');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.fields).toMatchObject({ server: 'child', count: 1 });
    expect(String(warnings[0]?.fields['sample'])).toMatch(/^[\x20-\x7e]{1,200}$/);
  });

  it('floods stderr, also before it has answered anything: it never waits, and the log keeps its bounds', async () => {
    const { command, args } = chaosServer();
    await using child = await connectStdio({
      // The shell waits when its stderr is not read, as Node's own stderr does not.
      command: '/bin/sh',
      args: ['-c', 'yes flood | head -c 6000000 >&2; exec "$0" "$@"', command, ...args],
      baseEnvironment: { PATH: '/usr/bin:/bin' },
      limits: { stderrLineBytes: 4, stderrLinesPerSecond: 5 },
    });
    const outcome = await child.connection.request(callTool('stderr-flood', { bytes: 8 * 1024 * 1024 }));
    expect(textOf(outcome)).toBe('flooded');
    await child.connection.close();
    const lines = child.log.of('debug').filter(({ fields }) => typeof fields['stderr'] === 'string');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(100);
    expect(lines.every(({ fields }) => String(fields['stderr']).length <= 4)).toBe(true);
    const skipped = child.log.of('debug').reduce((sum, { fields }) => sum + Number(fields['lines'] ?? 0), 0);
    expect(lines.length + skipped).toBeGreaterThanOrEqual(1_000_000);
  });

  it('writes a line without end: its calls fail with the bound, and it is ended', async () => {
    await using child = await connectStdio({ ...chaosServer(), limits: { messageBytes: 1024 * 1024 } });
    const { pid } = await call(child.connection, 'stats');
    const outcome = child.connection.request(callTool('endless-line', { bytes: 20 * 1024 * 1024 }));
    await expect(outcome).rejects.toMatchObject({
      code: 'UPSTREAM_RESULT_TOO_LARGE',
      details: { limit: 1024 * 1024, mayHaveRun: true },
    });
    expect((await child.ended).code).toBe('UPSTREAM_RESULT_TOO_LARGE');
    await child.connection.close();
    expect(alive(Number(pid))).toBe(false);
  });

  it('passes a result of several megabytes', async () => {
    await using child = await connectStdio(chaosServer());
    const outcome = await child.connection.request(callTool('huge', { bytes: 4 * 1024 * 1024 }));
    expect(textOf(outcome)).toHaveLength(4 * 1024 * 1024);
  });

  it('answers in pieces: they are put together', async () => {
    await using child = await connectStdio(chaosServer());
    expect(textOf(await child.connection.request(callTool('partial-line')))).toBe('in pieces');
  });

  it('answers in broken UTF-8: the line is skipped and the call times out', async () => {
    await using child = await connectStdio({ ...chaosServer(), callTimeout: 300 });
    await expect(child.connection.request(callTool('bad-utf8'))).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect(await answerOf(child, 'ok')).toBe('ok');
  });

  it('stops reading: what waits is bounded, then its calls time out and it is ended', async () => {
    await using child = await connectStdio({
      ...chaosServer(),
      callTimeout: 1_000,
      limits: { queuedBytes: 1024 * 1024 },
    });
    const { pid } = structured(await child.connection.request(callTool('stats'), PATIENCE));
    process.kill(Number(pid), 'SIGSTOP');
    const text = 'x'.repeat(300_000);
    const codes = await Promise.all(
      Array.from({ length: 8 }, () =>
        child.connection.request(callTool('echo', { text })).then(
          () => 'answered',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(new Set(codes)).toEqual(new Set(['UPSTREAM_TIMEOUT', 'UPSTREAM_OVERLOADED']));
    expect((await child.ended).code).toBe('UPSTREAM_TIMEOUT');
    await child.connection.close();
    expect(alive(Number(pid))).toBe(false);
  });

  it('exits on the probe: it is started again and initialised directly', async () => {
    await using child = await connectStdio(chaosServer('--exit-on-discover'));
    expect(child.connection.era).toBe('legacy');
    expect(await call(child.connection, 'stats')).toMatchObject({ methods: { initialize: 1 } });
  });

  it.each([
    ['legacy', 'legacy'],
    ['modern', 'modern'],
    ['dual', 'modern'],
  ])('a %s server is found to be %s', async (speaks, era) => {
    await using child = await connectStdio(chaosServer('--era', speaks));
    expect(child.connection.era).toBe(era);
    expect(textOf(await child.connection.request(callTool('ok')))).toBe('ok');
  });

  it('says nothing at all: the start fails at its deadline', async () => {
    await expect(connectStdio({ ...chaosServer('--silent'), startTimeout: 1_000 })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('exits at once: the start fails with how it ended', async () => {
    await expect(connectStdio({ command: process.execPath, args: ['-e', 'process.exit(3)'] })).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      details: { problem: 'It exited with code 3.' },
    });
  });

  it('exits while the host stalls: how it ended is known all the same', async () => {
    const clock = new WatchedClock();
    // Its stdout ends before it does, and what is waited for then is over before the host looks at anything else.
    const stalling = {
      now: () => clock.now(),
      after(delay: number, callback: () => void) {
        const stop = clock.after(delay, callback);
        if (delay === 200) setImmediate(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000));
        return stop;
      },
    };
    const args = ['-c', 'exec >&-; sleep 0.5; exit 3'];
    await expect(connectStdio({ command: '/bin/sh', args, era: 'legacy', clock: stalling })).rejects.toMatchObject({
      details: { problem: 'It exited with code 3.' },
    });
  });

  it('reports progress before the result, in order', async () => {
    await using child = await connectStdio(chaosServer());
    const exchange = callTool('progress', { n: 50 }, { params: { _meta: { progressToken: 'mine' } } });
    await child.connection.request(exchange);
    expect(exchange.notifications.map(({ params }) => params?.['progress'])).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
    expect(exchange.notifications[0]?.params?.['progressToken']).toBe('mine');
  });
});
