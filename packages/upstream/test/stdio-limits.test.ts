import { readFileSync, readlinkSync } from 'node:fs';
import type { ChildResources } from '@hostler/kernel';
import { chaosServer } from '@hostler/test-kit';
import { describe, expect, it } from 'vitest';
import { chaosSpec, startPool } from './support/pool-setup.ts';
import type { StartedPool } from './support/pool-setup.ts';
import { call } from './support/stdio-setup.ts';

/** Node.js itself reserves some 600 MiB. */
const GiB = 2 ** 30;

async function limited(resources: ChildResources, command = chaosServer()): Promise<StartedPool> {
  const transport = { kind: 'stdio', ...command, env: {}, cwd: process.cwd(), resources } as const;
  return startPool([chaosSpec('a', [], { transport, era: 'legacy', startTimeout: 40_000 })]);
}

/** The limits of a process as the kernel shows them: soft and hard, by the first words of the line. */
function limitsOf(pid: number | 'self'): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/limits`, 'utf8').split('\n');
  return Object.fromEntries(
    lines.map((line) => line.split(/ {2,}/)).map(([name, soft, hard]) => [name, `${soft} ${hard}`]),
  );
}

describe.skipIf(process.platform !== 'linux')('the resources of a child', () => {
  it('are limited as configured, and its process is the command itself', async () => {
    await using started = await limited({ memory: GiB, cpu: 60, openFiles: 64 });
    const pid = Number((await call(await started.connection(), 'stats'))['pid']);
    expect(limitsOf(pid)).toMatchObject({
      'Max data size': `${GiB} ${GiB}`,
      'Max cpu time': '60 65',
      'Max open files': '64 64',
    });
    expect(readlinkSync(`/proc/${pid}/exe`)).toBe(readlinkSync('/proc/self/exe'));
    const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const [, parent, group] = rest.split(' ');
    expect([parent, group]).toEqual([String(process.pid), String(pid)]);
  });

  it('are those of the host where nothing is said', async () => {
    await using started = await limited({});
    const pid = Number((await call(await started.connection(), 'stats'))['pid']);
    expect(limitsOf(pid)).toEqual(limitsOf('self'));
  });

  it('end a child that takes more memory than it may', async () => {
    const script = 'const all = []; while (all.length < 16) all.push(Buffer.alloc(50e6, 1)); process.exit(77);';
    const greedy = { command: process.execPath, args: ['-e', script] };
    await using unlimited = await limited({}, greedy);
    expect(unlimited.pool.states()).toMatchObject([{ status: 'down', problem: 'It exited with code 77.' }]);
    await using started = await limited({ memory: GiB }, greedy);
    expect(started.pool.states()).toMatchObject([{ status: 'down', problem: expect.not.stringContaining('77') }]);
  });

  it('end a child that uses more CPU time than it may, and the state says so', async () => {
    const spin = { command: process.execPath, args: ['-e', 'for (;;);'] };
    await using started = await limited({ cpu: 1 }, spin);
    expect(started.pool.states()).toMatchObject([
      { status: 'down', problem: 'It used up the CPU time that its resources allow.' },
    ]);
  });

  it.each<[keyof ChildResources, number, string]>([['openFiles', 2 ** 40, 'open files']])(
    'that the system refuses are named: %s',
    async (key, value, words) => {
      await using started = await limited({ [key]: value });
      expect(started.pool.states()).toMatchObject([
        { status: 'down', problem: `The system refuses its limit of ${words}: it is above what this user may set.` },
      ]);
    },
  );

  it('do not hide that the command is not there, or may not be executed', async () => {
    await using missing = await limited({ cpu: 60 }, { command: 'no-such-command-$(id)', args: [] });
    expect(missing.pool.states()).toMatchObject([
      { problem: 'Its command "no-such-command-$(id)" was not found: install it or give its full path.' },
    ]);
    await using folder = await limited({ cpu: 60 }, { command: '/tmp', args: [] });
    expect(folder.pool.states()).toMatchObject([
      { problem: 'Its command "/tmp" may not be executed: check its permissions.' },
    ]);
  });

  it('are set without a look at the arguments: none of them is a command for the shell', async () => {
    const script =
      'process.stdin.once("data", () => { const message = process.argv.slice(1).join();' +
      'process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: 1, message } }) + "\\n"); });';
    const args = ['-e', script, '; exit 9', '$(exit 9)', '`exit 9`', '"', "'", '$1', ''];
    await using started = await limited({ cpu: 60 }, { command: process.execPath, args });
    const refusal = started.log.of('debug').find(({ message }) => message === 'the server refused the handshake');
    expect(refusal?.fields['message']).toBe(args.slice(2).join());
  });
});
