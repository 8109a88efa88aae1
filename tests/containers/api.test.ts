import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from './support/connect.ts';
import { startContainer, until } from './support/container.ts';
import type { Container } from './support/container.ts';
import { print } from './support/print.ts';

const MEMORY = 256 * 2 ** 20;
let container: Container;

async function start(...options: readonly string[]): Promise<void> {
  container = await startContainer({ options });
  await container.answers('/readyz', 200);
}

afterEach(() => container.remove());

describe('a container of the api', () => {
  // Neighbours on a shared machine can spoil a measurement, but not three in a row.
  it('is ready in less than 3 s, and its health answers in less than 1 s', { retry: 2 }, async () => {
    await start();
    const ready = (performance.now() - container.started) / 1000;
    print('ready after', ready, 's');
    const asked = performance.now();
    const response = await fetch(`${await container.base()}/health`);
    const answered = performance.now() - asked;
    print('health answers in', answered, 'ms');
    expect(response.status).toBe(200);
    expect(ready).toBeLessThan(3);
    expect(answered).toBeLessThan(1_000);
    await until('the engine says that it is healthy', async () => {
      return (await container.inspect('{{.State.Health.Status}}')) === 'healthy';
    });
  });

  it('runs as nobody, may change nothing and gain nothing', async () => {
    await start();
    const status = await container.exec('cat', '/proc/1/status');
    expect(await container.exec('id', '-u')).toBe('10001');
    expect(status).toMatch(/^CapEff:\s*0+$/m);
    expect(status).toMatch(/^CapBnd:\s*0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s*1$/m);
    expect(status).toMatch(/^Name:\s*tini$/m);
    await expect(container.exec('sh', '-c', 'echo x > /app/x')).rejects.toThrow('Read-only file system');
    await expect(container.exec('sh', '-c', 'echo x > /etc/passwd')).rejects.toThrow('Read-only file system');
    await container.exec('sh', '-c', 'echo x > /var/lib/hostler/x && echo x > /tmp/x');
  });

  it('runs a stdio server whose tool a client calls from outside', async () => {
    await start();
    const { client, call, close } = await connect(await container.base(), container.key);
    try {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toContain('slow__echo');
      expect(await call('slow__echo', { text: 'hello' })).toBe('hello');
      const who = JSON.parse(await call('slow__who')) as { uid: number; environment: readonly string[] };
      expect(who.uid).toBe(10_001);
      // What is set for Hostler is not for its servers.
      expect(who.environment).not.toContain('HOSTLER_CONFIG');
    } finally {
      await close();
    }
    await expect(connect(await container.base(), 'not-the-key')).rejects.toThrow('AUTH_INVALID');
  });

  it('keeps to its memory, and outlives a server that does not', async () => {
    await start(`--memory=${MEMORY}`, `--memory-swap=${MEMORY}`);
    const seen = await container.exec(
      'sh',
      '-c',
      'cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes',
    );
    expect(Number(seen)).toBe(MEMORY);
    // The first process is tini, the second Node.
    const words = await container.exec('sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" "\\n"');
    expect(words.split('\n')).toContain('--max-old-space-size=153');
    const before = await container.inspect('{{.State.Pid}}');
    const { call, close } = await connect(await container.base(), container.key);
    try {
      await expect(call('slow__eat')).rejects.toThrow(/slow/);
      await until('the server runs again', () =>
        call('slow__echo', { text: 'again' }).then(
          (text) => text === 'again',
          () => false,
        ),
      );
    } finally {
      await close();
    }
    expect(await container.inspect('{{.State.Pid}} {{.State.Running}}')).toBe(`${before} true`);
  });
});

describe('a container that is stopped', () => {
  beforeEach(() => start());

  it('lets a running call finish and exits 0', async () => {
    const { call, close } = await connect(await container.base(), container.key);
    const answer = call('slow__wait', { milliseconds: 2_000 });
    await until('the call runs', async () => (await container.log()).includes('listening'));
    await callIsRunning(call);
    const signalled = performance.now();
    await container.signal('TERM');
    expect(await answer).toBe('waited');
    expect(await container.exitCode()).toBe(0);
    print('stopped with a call of 2 s running, after', (performance.now() - signalled) / 1000, 's');
    await close().catch(() => undefined);
  });

  it('stops at once when it is told again', async () => {
    const { call, close } = await connect(await container.base(), container.key);
    const answer = call('slow__wait', { milliseconds: 60_000 }).then(
      () => 'answered',
      () => 'failed',
    );
    await callIsRunning(call);
    await container.signal('TERM');
    await container.answers('/readyz', 503);
    // Two signals in half a second count as one.
    await until('the first one is half a second old', async () => (await ageOf('stopping')) > 600);
    const hurried = performance.now();
    await container.signal('TERM');
    expect(await container.exitCode()).toBe(1);
    expect(performance.now() - hurried).toBeLessThan(5_000);
    expect(await answer).toBe('failed');
    await close().catch(() => undefined);
  });
});

/** Requests of one client arrive in order: when this one is answered, those before it have begun. */
async function callIsRunning(call: (name: string, given: Record<string, unknown>) => Promise<string>): Promise<void> {
  expect(await call('slow__echo', { text: 'there' })).toBe('there');
}

/** Milliseconds since a record of the log. */
async function ageOf(message: string): Promise<number> {
  const line = (await container.log()).split('\n').find((text) => text.includes(`"${message}"`));
  if (line === undefined) return 0;
  return Date.now() - Date.parse((JSON.parse(line) as { time: string }).time);
}
