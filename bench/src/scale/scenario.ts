import { startNode } from '../processes.ts';
import { LOAD_CORE, startCrowdedHost } from './crowded-host.ts';
import type { Crowded, CrowdedHost } from './crowded-host.ts';
import { startCrowdedProxy } from './crowded-proxy.ts';
import { held, measureCalls, measureLists, measureViews } from './figures.ts';
import type { CallPoint, Effort, HoldFigures, ListFigures, Place, ViewFigures } from './figures.ts';
import type { Population } from './population.ts';

export interface ScenarioOptions {
  readonly era: Population['era'];
  readonly effort: Effort;
  /** Smallest, middle and largest number of servers. */
  readonly servers: readonly [number, number, number];
  readonly consumers: number;
  readonly sessions: number;
  readonly tools: number;
  readonly tell: (what: string) => void;
}

export interface ScaleFigures {
  readonly calls: readonly CallPoint[];
  readonly lists: readonly ListFigures[];
  readonly views: ViewFigures;
  readonly hosts: readonly HoldFigures[];
}

/** Everything in one run: one process with all servers behind, and one host for each population, beside two byte proxies. */
export async function measureScale(options: ScenarioOptions): Promise<ScaleFigures> {
  const many = startNode([fileOf('many-servers.ts'), String(options.tools)], LOAD_CORE);
  const started: Crowded[] = [];
  try {
    const { url } = JSON.parse(await many.line()) as { readonly url: string };
    const start = async (servers: number, consumers: number): Promise<CrowdedHost> => {
      options.tell(`a host with ${servers} servers and ${consumers} consumers`);
      const host = await startCrowdedHost({ url, population: { servers, consumers, era: options.era } });
      started.push(host);
      return host;
    };
    const proxies: Crowded[] = [];
    for (const servers of [options.servers[0], options.servers[2]]) {
      const proxy = await startCrowdedProxy({ url, population: { servers, consumers: 1, era: options.era } });
      started.push(proxy);
      proxies.push(proxy);
    }
    return await measureHosts(options, start, proxies, url);
  } finally {
    for (const each of started.toReversed()) await each.stop();
    await many.stop();
  }
}

type StartHost = (servers: number, consumers: number) => Promise<CrowdedHost>;

async function measureHosts(
  options: ScenarioOptions,
  start: StartHost,
  proxies: readonly Crowded[],
  url: string,
): Promise<ScaleFigures> {
  const { effort, tell } = options;
  const [few, some, all] = options.servers;
  const plain = [await start(few, 1), await start(some, 1), await start(all, 1)];
  const crowded = await start(all, options.consumers);
  const hosts = [...plain, crowded];
  const ready = await Promise.all(hosts.map((host) => host.probe()));
  for (const each of [...plain, ...proxies]) await each.order({ do: 'open', sessions: 1 });
  tell(`${options.sessions} sessions`);
  const opened = await openSessions(crowded, options);
  tell('calls');
  const crowds = [1, options.consumers, ...(opened > options.consumers ? [opened] : [])];
  const places: Place[] = [
    ...plain.map((host) => ({ host, sessions: 1 })),
    ...crowds.map((sessions) => ({ host: crowded, sessions })),
    ...proxies.map((host) => ({ host, sessions: 1 })),
  ];
  const calls = await measureCalls(places, effort);
  tell('lists');
  const lists: ListFigures[] = [];
  for (const host of plain) lists.push(await measureLists(host, effort, () => change(url)));
  const views = await measureViews(crowded, () => change(url));
  const used = await Promise.all(hosts.map((host) => host.probe()));
  const figures = hosts.map((host, index) => {
    const sessions = host === crowded ? opened : 1;
    return held(host, ready[index] as never, used[index] as never, sessions);
  });
  return { calls, lists, views, hosts: figures };
}

/** Modern clients hold none: for them it is as many clients that take turns. */
async function openSessions(host: CrowdedHost, { era, consumers, sessions }: ScenarioOptions): Promise<number> {
  const wanted = era === 'modern' ? consumers : sessions;
  await host.order({ do: 'open', sessions: wanted });
  return wanted;
}

/** The first server has a tool more from now on. Every host has it. */
async function change(url: string): Promise<void> {
  await (await fetch(`${url}/change/0`)).text();
}

function fileOf(name: string): string {
  return new URL(name, import.meta.url).pathname;
}
