import { writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { exchange, startProcess, temporaryDirectory } from '@hostler/test-kit';
import type { RunningProcess } from '@hostler/test-kit';

const main = fileURLToPath(new URL('../../apps/api/src/main.ts', import.meta.url));

interface Key {
  readonly key: string;
  readonly hash: string;
}

export interface FloodOptions {
  readonly hosts: number;
  /** Calls in a second that the consumer may make. */
  readonly rate: number;
  readonly seconds: number;
  /** Of the consumer. */
  readonly key: Key;
  /** Of whoever reads the metrics of the hosts. */
  readonly monitor: Key;
  /** `limits.store`; absent: each host counts for itself. */
  readonly store?: object;
}

export interface FloodReport {
  readonly asked: number;
  readonly admitted: number;
  readonly refused: number;
  /** From one moment at which nothing was left to another. */
  readonly seconds: number;
  /** Of those asked, what hosts decided without the store that they share. */
  readonly without: number;
}

/**
 * What a limit lets through between two moments at which nothing of it is left is what its rate is worth in between, however
 * unevenly it was asked for. Such a moment is known as well as the refusal that shows it was quick.
 */
const QUICK = 20;

/** Asks hosts, each a process of its own, for twice as many calls as their consumer may make. */
export async function floodHosts({ hosts, rate, seconds, key, monitor, store }: FloodOptions): Promise<FloodReport> {
  await using folder = await temporaryDirectory();
  const file = join(folder.path, 'hostler.json');
  // In minutes: then what 5 seconds are worth is kept for who did not ask in time.
  const consumers = {
    one: { keys: [{ hash: key.hash }], limits: { calls: `${60 * rate}/min` } },
    monitor: { keys: [{ hash: monitor.hash }], roles: ['viewer'] },
  };
  await writeFile(file, JSON.stringify({ servers: {}, consumers, ...(store && { limits: { store } }) }));
  await using running = new AsyncDisposableStack();
  const urls: string[] = [];
  for (let count = 0; count < hosts; count += 1) {
    // oxlint-disable-next-line no-await-in-loop -- three at once would take each other's time
    const host = running.use(await startHost(file));
    // oxlint-disable-next-line no-await-in-loop -- as before
    urls.push(await urlOf(host));
  }
  using asking = keepAsking(urls, key.key);
  const total = (): Promise<number> => totalOf(urls, monitor.key);
  await asking.use(10 * rate);
  const begun = await whenNothingIsLeft(asking, total);
  asking.forget();
  const before = await total();
  await asking.pace({ perSecond: 2 * rate, seconds });
  const ended = await whenNothingIsLeft(asking, total);
  const without = (await total()) - before;
  return { ...asking.counted(), seconds: (ended - begun) / 1_000, without };
}

/** When all who count together have said so. */
async function whenNothingIsLeft(asking: Asking, total: () => Promise<number>): Promise<number> {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const before = await total();
    // oxlint-disable-next-line no-await-in-loop -- as before
    const moment = await asking.untilNothingIsLeft();
    // oxlint-disable-next-line no-await-in-loop -- as before
    if ((await total()) === before) return moment;
  }
}

/** What the hosts have decided without the store. */
async function totalOf(urls: readonly string[], key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  const texts = await Promise.all(urls.map(async (url) => (await exchange(`${url}/metrics`, { headers })).text));
  const counts = texts.map((text) => Number(/_decisions_total\{by="without"\} (\d+)/.exec(text)?.[1] ?? 0));
  return counts.reduce((sum, count) => sum + count, 0);
}

function startHost(file: string): Promise<RunningProcess> {
  const { PATH = '' } = process.env;
  const env = { PATH, PORT: '0', HOSTLER_CONFIG: file, XDG_STATE_HOME: join(file, '..', 'state') };
  return startProcess(process.execPath, ['--conditions=@hostler/source', main], { env });
}

async function urlOf(host: RunningProcess): Promise<string> {
  const line = await host.stderr.take((text) => text.includes('"listening"'), 30_000);
  await host.stderr.take((text) => text.includes('"started"'), 30_000);
  return (JSON.parse(line) as { url: string }).url;
}

interface Asking extends Disposable {
  /** So many, as fast as they are answered. */
  use(count: number): Promise<void>;
  pace(options: { readonly perSecond: number; readonly seconds: number }): Promise<void>;
  /** One after the other until a quick refusal. @returns when that was */
  untilNothingIsLeft(): Promise<number>;
  forget(): void;
  counted(): Pick<FloodReport, 'asked' | 'admitted' | 'refused'>;
}

function keepAsking(urls: readonly string[], key: string): Asking {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const headers = { authorization: `Bearer ${key}` };
  let statuses: number[] = [];
  let turn = 0;
  const send = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const request = get(`${urls[turn++ % urls.length]}/v1/tools`, { agent, headers }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      });
      request.once('error', reject);
    });
  const ask = async (): Promise<number> => {
    const status = await send();
    statuses.push(status);
    return status;
  };
  const count = (status: number): number => statuses.filter((each) => each === status).length;
  return {
    async use(most) {
      await Promise.all(Array.from({ length: most }, ask));
    },
    async pace({ perSecond, seconds }) {
      const begun = performance.now();
      const elapsed = (): number => (performance.now() - begun) / 1_000;
      const asked: Promise<number>[] = [];
      while (elapsed() < seconds) {
        const due = Math.floor(elapsed() * perSecond);
        while (asked.length < due) asked.push(ask());
        // oxlint-disable-next-line no-await-in-loop -- the pace
        await delay(5);
      }
      await Promise.all(asked);
    },
    async untilNothingIsLeft() {
      for (;;) {
        const begun = performance.now();
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const status = await ask();
        const ended = performance.now();
        if (status === 429 && ended - begun < QUICK) return (begun + ended) / 2;
      }
    },
    forget: () => void (statuses = []),
    counted: () => ({ asked: statuses.length, admitted: count(200), refused: count(429) }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}
