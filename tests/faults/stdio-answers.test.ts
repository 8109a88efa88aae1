import { describe, expect, it } from 'vitest';
import { chaosSpec } from './support/chaos-spec.ts';
import { withRig } from './support/rig.ts';

const faulty = { faulty: [] };

describe('a stdio server that ends in the middle of a call', () => {
  it('F1 crash: -32010 within a second, sent once, restarted with a pause, the next call is answered', () =>
    withRig({ chaos: faulty }, async ({ call, received, until }) => {
      // As it happens: when its answer is read late, it may have been started again already.
      let crashed: number | undefined;
      const restarted = until('faulty', 'down').then(() => {
        crashed = performance.now();
        return until('faulty', 'up');
      });
      const outcome = await call('faulty', 'crash-mid-write');
      expect(outcome.error).toMatchObject({ code: -32_010, data: { code: 'UPSTREAM_UNAVAILABLE', mayHaveRun: true } });
      expect(outcome.own).toBeLessThan(1_000);
      expect(crashed).toBeDefined();
      const { restarts } = await restarted;
      expect((await call('faulty', 'ok')).text).toBe('ok');
      const pause = performance.now() - (crashed ?? 0);
      expect(pause).toBeGreaterThanOrEqual(400);
      expect(pause).toBeLessThan(5_000);
      expect(restarts).toBe(1);
      expect(await received('faulty', 'tools/call crash-mid-write')).toBe(1);
    }));

  it.each([
    ['half a line', {}],
    ['half a message on a line of its own', { newline: true, code: 0 }],
  ])('F7 %s, then its end: an error at once, no hang', (_name, parameters) =>
    withRig({ chaos: faulty }, async ({ call, callModern, received, until }) => {
      const outcome = await callModern('faulty', 'crash-mid-write', parameters);
      expect(outcome.error?.data.code).toMatch(/^UPSTREAM_(UNAVAILABLE|PROTOCOL)$/);
      expect(outcome.own).toBeLessThan(1_000);
      await until('faulty', 'up');
      expect((await call('faulty', 'ok')).text).toBe('ok');
      expect(await received('faulty', 'tools/call crash-mid-write')).toBe(1);
    }),
  );

  it('F16 exit with code 0: a crash like any other', () =>
    withRig({ chaos: faulty }, async ({ call, until, served }) => {
      const outcome = await call('faulty', 'crash', { code: 0 });
      expect(outcome.error).toMatchObject({ code: -32_010, data: { mayHaveRun: true } });
      expect((await until('faulty', 'up')).restarts).toBe(1);
      expect((await call('faulty', 'ok')).text).toBe('ok');
      expect(served.log()).toContain('the server is not available');
    }));
});

describe('a stdio server that does not answer', () => {
  it('F3 hang: -32011 at the deadline, the server is told, its other calls go on', () =>
    withRig({ chaos: faulty, callTimeout: 2_000 }, async ({ call, received }) => {
      const hanging = call('faulty', 'hang');
      const others = await Promise.all(Array.from({ length: 20 }, () => call('faulty', 'ok')));
      expect(others.map(({ text }) => text)).toEqual(Array(20).fill('ok'));
      const outcome = await hanging;
      expect(outcome.error).toMatchObject({ code: -32_011, data: { code: 'UPSTREAM_TIMEOUT', mayHaveRun: true } });
      expect(outcome.elapsed).toBeGreaterThanOrEqual(1_900);
      expect(outcome.own).toBeLessThanOrEqual(2_100);
      await expect.poll(() => received('faulty', 'notifications/cancelled -'), { timeout: 10_000 }).toBe(1);
      expect(await received('faulty', 'tools/call hang')).toBe(1);
    }));

  it('F4 an answer after the deadline is dropped and counted, and no later call gets it', async () => {
    let log = (): string => '';
    await withRig({ chaos: faulty, callTimeout: 3_000 }, async ({ call, received, served }) => {
      log = served.log;
      const [late, ...others] = await Promise.all([
        call('faulty', 'late-response'),
        call('faulty', 'wrong-id'),
        call('faulty', 'duplicate-id'),
      ]);
      expect(late?.error?.code).toBe(-32_011);
      expect(others.map(({ text, error }) => text ?? error?.code)).toEqual([-32_011, 'first']);
      for (let round = 0; round < 20; round += 1) expect((await call('faulty', 'ok')).text).toBe('ok');
      expect(await received('faulty', 'tools/call late-response')).toBe(1);
    });
    expect(log()).toMatch(/"late":[1-9]/);
  });
});

describe('a stdio server that says what it should not', () => {
  it('F6 garbage: the call succeeds, one warning names the server and counts, nothing of it is logged raw', () =>
    withRig({ chaos: faulty }, async ({ call, served }) => {
      for (let round = 0; round < 5; round += 1) {
        expect((await call('faulty', 'garbage')).text).toBe('after the garbage');
      }
      const lines = served.log().split('\n');
      const warnings = lines.filter((line) => line.includes('no MCP message'));
      expect(warnings).toHaveLength(1);
      expect(JSON.parse(warnings[0] ?? '')).toMatchObject({ level: 40, server: 'faulty', count: 1 });
      expect(served.log()).not.toContain('\u001B');
      expect(served.log()).not.toContain(String.raw`\u001b`);
      expect(served.runtime.readiness().servers.find(({ name }) => name === 'faulty')?.restarts).toBe(0);
    }));

  it('F8 a line of 20 MiB without an end: -32018, the server is ended and started again, cheaply', () =>
    withRig({ chaos: faulty }, async ({ call, received, until }) => {
      const before = process.cpuUsage();
      const outcome = await call('faulty', 'endless-line', { bytes: 20 * 1024 * 1024 });
      const { user, system } = process.cpuUsage(before);
      expect(outcome.error).toMatchObject({
        code: -32_018,
        data: { code: 'UPSTREAM_RESULT_TOO_LARGE', mayHaveRun: true },
      });
      expect((user + system) / 1_000).toBeLessThan(1_000);
      expect((await until('faulty', 'up')).restarts).toBe(1);
      expect((await call('faulty', 'ok')).text).toBe('ok');
      expect(await received('faulty', 'tools/call endless-line')).toBe(1);
    }));

  it('F9 a flood of stderr, also before its first answer: it never waits, the log is bounded and redacted', async () => {
    let log = (): string => '';
    await withRig({ specs: [noisySpec()], environment: { F9_TOKEN: secret } }, async ({ call, served }) => {
      log = served.log;
      const text = `token ${secret} ${'e'.repeat(900)}`;
      expect((await call('noisy', 'stderr-flood', { bytes: 100 * 1024 * 1024, text })).text).toBe('flooded');
    });
    const [written, isRedacted] = [log().length, !log().includes(secret)];
    expect({ isCounted: log().includes('more lines of stderr were not logged'), isRedacted }).toEqual({
      isCounted: true,
      isRedacted: true,
    });
    expect(written).toBeGreaterThan(100_000);
    expect(written).toBeLessThan(4 * 1024 * 1024);
  });
});

const secret = 'flooded-secret-4711';

describe('a stdio server that is only unusual', () => {
  it('exits on the probe, answers in pieces, at length, or too deep: served as far as can be', () =>
    withRig({ chaos: { rusty: ['--exit-on-discover'] }, callTimeout: 5_000 }, async ({ call }) => {
      expect((await call('rusty', 'partial-line')).text).toBe('in pieces');
      expect((await call('rusty', 'huge', { bytes: 4_000_000 })).text?.length).toBe(4_000_000);
      expect((await call('rusty', 'deep', { n: 100_000 })).error?.data.code).toMatch(/^UPSTREAM_/);
      expect((await call('rusty', 'ok')).text).toBe('ok');
    }));
});

function noisySpec(): ReturnType<typeof chaosSpec> {
  const spec = chaosSpec('noisy', ['--flood-stderr-on-start']);
  return { ...spec, transport: { ...spec.transport, env: { TOKEN: { secret: 'env://F9_TOKEN' } } } as never };
}
