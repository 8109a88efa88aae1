import { readFileSync } from 'node:fs';
import { conformanceServer, descendants, startProcess } from '@hostler/test-kit';
import type { RunningProcess } from '@hostler/test-kit';
import type { UpstreamSpec } from '@hostler/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePlan } from '../serve.ts';
import type { Served } from '../serve.ts';
import { openListener } from './listeners.ts';

const eras = ['legacy', 'modern'] as const;
const watched = 'test://watched-resource';
const UPDATED = 'notifications/resources/updated';
const TOOLS_CHANGED = 'notifications/tools/list_changed';
const common = { era: 'auto', interactive: true, required: false, startTimeout: 60_000, callTimeout: 30_000 } as const;

let served: Served;
const overHttp = new Map<string, RunningProcess>();

beforeAll(async () => {
  const specs: UpstreamSpec[] = [];
  for (const era of eras) {
    const { command, args } = conformanceServer('--stdio', '--era', era);
    specs.push({ ...common, name: `stdio-${era}`, transport: { kind: 'stdio', command, args, env: {}, cwd: '/' } });
    // oxlint-disable-next-line no-await-in-loop -- two of them
    const url = await startHttp(era);
    specs.push({ ...common, name: `http-${era}`, transport: { kind: 'http', url, headers: {} } });
  }
  served = await servePlan(specs);
}, 120_000);

afterAll(async () => {
  await served?.close();
  await Promise.all([...overHttp.values()].map((running) => running.stop()));
});

async function startHttp(era: string, port = '0'): Promise<string> {
  const { command, args } = conformanceServer('--http', '--era', era, '--port', port);
  const running = await startProcess(command, args, { waitFor: /"url"/ });
  overHttp.set(`http-${era}`, running);
  return (JSON.parse(running.firstLine) as { readonly url: string }).url;
}

/** Ends the server without a word, and sees to it that there is one again. */
async function restart(server: string): Promise<void> {
  const running = overHttp.get(server);
  if (running === undefined) {
    const era = server.slice('stdio-'.length);
    const pid = descendants(process.pid).find((candidate) => commandOf(candidate).endsWith(`--stdio --era ${era} `));
    if (pid === undefined) throw new Error(`${server} does not run`);
    process.kill(pid, 'SIGKILL');
    return;
  }
  const { port } = new URL((JSON.parse(running.firstLine) as { readonly url: string }).url);
  await running.stop();
  await startHttp(server.slice('http-'.length), port);
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}

describe.each(['stdio-legacy', 'http-legacy', 'stdio-modern', 'http-modern'])('when %s was restarted', (server) => {
  it('everybody who subscribed is told that it may have changed, and hears of it again', async () => {
    const urls = [`${served.url}/servers/${server}/mcp`, `${served.url}/mcp`];
    const uris = [watched, `hostler://${server}/${watched}`];
    const opened = eras.flatMap((era) => urls.map((url, index) => openListener(era, url, [uris[index] ?? ''])));
    const listeners = await Promise.all(opened);
    await restart(server);
    await Promise.all(listeners.map((listener) => listener.heardOf(UPDATED, 30_000)));
    // At the whole host lists are compared, and these are the same as before.
    await Promise.all(
      listeners.filter((_, index) => index % 2 === 0).map((listener) => listener.heardOf(TOOLS_CHANGED, 30_000)),
    );
    const before = listeners.map(({ heard }) => heard.length);
    const [first] = listeners;
    // Calls are refused for a while after many of them failed.
    const trigger = () => first?.call('tools/call', { name: 'test_trigger_resource_update', arguments: {} });
    await expect.poll(async () => (await trigger())?.at(-1)?.result, { timeout: 20_000, interval: 250 }).toBeDefined();
    const after = () =>
      listeners.map(({ heard }, index) => heard.slice(before[index]).filter(({ method }) => method === UPDATED));
    await expect.poll(() => after().map(({ length }) => length), { timeout: 10_000 }).toEqual([1, 1, 1, 1]);
    expect(after().map(([told]) => told?.params?.['uri'])).toEqual([...uris, ...uris]);
    await Promise.all(listeners.map((listener) => listener[Symbol.asyncDispose]()));
  });
});
