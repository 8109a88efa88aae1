import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  alive,
  callModern,
  chaosServer,
  descendants,
  startProcess,
  startStdioClient,
  temporaryDirectory,
} from '@hostler/test-kit';
import type { RunningProcess, TemporaryDirectory } from '@hostler/test-kit';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const nodeOptions = ['--conditions=@hostler/source', main];

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(async () => folder[Symbol.asyncDispose]());

async function configure(servers: object, rest: object = {}): Promise<void> {
  await writeFile(join(folder.path, 'hostler.json'), JSON.stringify({ servers, ...rest }));
}

function hostler(parameters: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunningProcess> {
  return startProcess(process.execPath, [...nodeOptions, ...parameters], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
}

interface Ready {
  readonly event: string;
  readonly url: string;
  readonly port: number;
  readonly servers: readonly { readonly name: string; readonly status: string; readonly tools?: number }[];
}

async function readyLine(run: RunningProcess): Promise<Ready> {
  return JSON.parse(await run.stdout.take(() => true, 40_000)) as Ready;
}

function linesOf(run: RunningProcess): string[] {
  return run.stdout.text().trim().split('\n');
}

describe('run', () => {
  it('says on its first line where it is ready, serves, and at Ctrl-C exits 0 with no child left', async () => {
    await configure({ one: chaosServer(), gone: { command: '/nonexistent/program' } });
    await using run = await hostler(['run', '--json', '--port', '0']);
    const ready = await readyLine(run);
    expect(ready).toMatchObject({ event: 'ready', url: `http://127.0.0.1:${ready.port}/mcp` });
    expect(ready.servers.map(({ name, status }) => [name, status])).toEqual([
      ['one', 'up'],
      ['gone', 'down'],
    ]);
    expect(ready.servers[0]?.tools).toBeGreaterThan(5);
    const answer = await callModern(ready.url, 'tools/call', { name: 'one__ok', arguments: {} });
    expect(answer.messages.at(-1)?.result).toMatchObject({ content: [{ text: 'ok' }] });
    const children = descendants(run.pid);
    expect(children.length).toBeGreaterThan(0);
    process.kill(run.pid, 'SIGINT');
    expect(await run.exited).toEqual({ code: 0, signal: null });
    await run.stdout.ended;
    expect(linesOf(run).map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['ready', 'stopped']);
    expect(children.filter(alive)).toEqual([]);
  });

  it('prints a table, what is wrong with its mend, and the next step for a person', async () => {
    await configure({ one: chaosServer(), gone: { command: 'no-such-program' } }, { listen: { port: 0 } });
    await using run = await hostler(['run']);
    const next = await run.stdout.take((line) => line.startsWith('Next:'), 40_000);
    expect(next).toMatch(/^Next: claude mcp add --transport http hostler http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    const text = run.stdout.text();
    expect(text).toMatch(/^one +up +legacy +\d+ +\d+$/m);
    expect(text).toMatch(/^gone +down +– +– +–$/m);
    expect(text).toMatch(/^✗ gone: .*no-such-program.*install it/m);
    expect(text).toContain('no consumer is configured');
    // Nobody watches standard error here: it has records for programs, and nothing else.
    await run.stderr.take((line) => line.includes('"the server is up"'), 20_000);
    const whole = run.stderr.text().split('\n').slice(0, -1);
    const records = whole.map((line) => JSON.parse(line) as { msg: string });
    expect(records.map(({ msg }) => msg)).toContain('the server is up');
  });

  it('takes the next port when that of the configuration is taken, but refuses another than the one asked for', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    try {
      await configure({}, { listen: { port } });
      await using run = await hostler(['run']);
      const line = await run.stdout.take((text) => text.startsWith('Port '), 40_000);
      expect(line).toMatch(new RegExp(`^Port ${port} was taken, using \\d+\\.$`));
      for (const [parameters, env] of [
        [['run', '--port', String(port)], {}],
        [['run'], { PORT: String(port) }],
      ] as const) {
        await using refused = await hostler(parameters, env);
        expect((await refused.exited).code).toBe(1);
        await refused.stderr.ended;
        expect(refused.stderr.text()).toContain('API_PORT_IN_USE');
      }
    } finally {
      taken.close();
    }
  });

  it('exits 130 with no child left when it is interrupted before the servers are up', async () => {
    await configure({ one: chaosServer('--start-delay=60000') });
    await using run = await hostler(['run', '--port', '0', '--json']);
    await expect.poll(() => descendants(run.pid).length, { timeout: 40_000 }).toBeGreaterThan(0);
    const children = descendants(run.pid);
    process.kill(run.pid, 'SIGINT');
    expect((await run.exited).code).toBe(130);
    expect(children.filter(alive)).toEqual([]);
  });

  it('refuses to be open to the network', async () => {
    await configure({});
    await using run = await hostler(['run', '--host', '0.0.0.0']);
    expect((await run.exited).code).toBe(2);
    await run.stderr.ended;
    expect(run.stderr.text()).toContain('or listen on 127.0.0.1');
  });

  it('reports a server that goes and comes back as events', async () => {
    await configure({ one: chaosServer() });
    await using run = await hostler(['run', '--port', '0', '--json']);
    const { url } = await readyLine(run);
    await callModern(url, 'tools/call', { name: 'one__crash', arguments: {} });
    const states: string[] = [];
    while (states.at(-1) !== 'up') {
      const event = JSON.parse(await run.stdout.take((line) => line.includes('"server"'), 20_000)) as {
        status: string;
      };
      states.push(event.status);
    }
    expect(states[0]).toBe('down');
  });
});

describe('stdio', () => {
  it('writes nothing but messages to standard output, and exits 0 with no child left when its input ends', async () => {
    await configure({ one: chaosServer(), gone: { command: '/nonexistent/program' } });
    await using client = await startStdioClient(
      process.execPath,
      [...nodeOptions, 'stdio', '--json', '--log-level', 'debug'],
      {
        cwd: folder.path,
        env: { PATH: process.env['PATH'] ?? '' },
      },
    );
    await client.initialize();
    const list = await client.call('tools/list');
    expect(JSON.stringify(list.result)).toContain('"one__echo"');
    const called = await client.call('tools/call', { name: 'one__garbage', arguments: {} });
    expect(called.result).toMatchObject({ content: [{ text: 'after the garbage' }] });
    const children = descendants(client.process.pid);
    client.process.closeStdin();
    expect(await client.process.exited).toEqual({ code: 0, signal: null });
    await client.process.stdout.ended;
    for (const line of linesOf(client.process)) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    expect(client.process.stderr.text()).not.toBe('');
    expect(children.filter(alive)).toEqual([]);
  });

  it('serves one server under its own names', async () => {
    await configure({ one: chaosServer(), two: chaosServer() });
    await using client = await startStdioClient(process.execPath, [...nodeOptions, 'stdio', '--server', 'two'], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'] ?? '' },
    });
    await client.initialize();
    const called = await client.call('tools/call', { name: 'ok', arguments: {} });
    expect(called.result).toMatchObject({ content: [{ text: 'ok' }] });
    expect(descendants(client.process.pid).length).toBeGreaterThan(0);
  });

  it('keeps standard output clean when it cannot start', async () => {
    await writeFile(join(folder.path, 'hostler.json'), '{ "servers": 1 }');
    await using run = await hostler(['stdio', '--json']);
    expect((await run.exited).code).toBe(2);
    await run.stdout.ended;
    expect(run.stdout.text()).toBe('');
    expect(run.stderr.text()).toContain('hostler.json:1:');
  });
});
