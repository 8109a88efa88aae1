import { setTimeout } from 'node:timers/promises';
import { spread } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import type { Called, Times, Walked } from './crowd-order.ts';
import type { Crowded, CrowdedHost } from './crowded-host.ts';
import type { Probed } from './loop-probe.ts';

/** What calls cost when they are spread over this many of each. */
export interface CallPoint {
  readonly program: Crowded['program'];
  readonly servers: number;
  readonly consumers: number;
  readonly sessions: number;
  /** Microseconds of CPU per call. */
  readonly cpu: Spread;
  /** To the first point of the same program, in the same round. */
  readonly ratio: Spread;
  readonly p50: number;
  readonly p99: number;
}

export interface Effort {
  readonly rounds: number;
  /** Of load on a point in a round. */
  readonly seconds: number;
  readonly warmCalls: number;
  readonly walks: number;
}

export interface Place {
  readonly host: Crowded;
  readonly sessions: number;
}

const IN_FLIGHT = 32;
/** Seconds of calls before those that are measured: enough for each server to have been called. */
const SETTLING = 1;

async function callOnce({ host, sessions }: Place, seconds: number): Promise<Called & { readonly cpu: number }> {
  const before = host.cpu();
  const called = await host.order<Called>({ do: 'call', sessions, inFlight: IN_FLIGHT, seconds });
  return { ...called, cpu: (host.cpu() - before) / called.calls };
}

/** All places in turn, and back, several rounds: what disturbs the machine disturbs them alike. */
export async function measureCalls(places: readonly Place[], effort: Effort): Promise<readonly CallPoint[]> {
  for (const place of places) {
    for (let calls = 0; calls < effort.warmCalls;) calls += (await callOnce(place, 1)).calls;
  }
  const samples = places.map((): (Called & { readonly cpu: number })[] => []);
  for (let round = 0; round < effort.rounds; round++) {
    const order = places.map((_, index) => index);
    for (const index of round % 2 === 0 ? order : order.toReversed()) {
      const place = places[index] as Place;
      // While it waited for its turn its connections to the servers were closed: free ones are kept for 4 s.
      await callOnce(place, SETTLING);
      samples[index]?.push(await callOnce(place, effort.seconds));
    }
  }
  return places.map(({ host: { program, population }, sessions }, index): CallPoint => {
    const own = samples[index] ?? [];
    const first = samples[places.findIndex(({ host }) => host.program === program)];
    return {
      program,
      servers: population.servers,
      consumers: Math.min(population.consumers, sessions),
      sessions,
      cpu: spread(own.map(({ cpu }) => cpu)),
      ratio: spread(own.map(({ cpu }, round) => cpu / (first?.[round]?.cpu ?? Number.NaN))),
      p50: spread(own.map(({ times }) => times.p50)).median,
      p99: spread(own.map(({ times }) => times.p99)).median,
    };
  });
}

/** Lists of all tools that a host has, over HTTP, one page after the other. */
export interface ListFigures {
  readonly tools: number;
  readonly pages: number;
  readonly bytes: number;
  /** Milliseconds. */
  readonly page: Times;
  readonly walk: Times;
  /** Microseconds of CPU per page. */
  readonly cpuPerPage: number;
  /** The first walk after one of the servers changed its list. */
  readonly changed: { readonly page: Times; readonly walk: number };
  /** Milliseconds in which the event loop stood still: when the list changed, and in the first walk after that. */
  readonly longestBlock: number;
}

/** @param change lets a server have one tool more */
export async function measureLists(
  host: CrowdedHost,
  { walks }: Effort,
  change: () => Promise<void>,
): Promise<ListFigures> {
  // The first one puts the list together.
  await host.order<Walked>({ do: 'walk', times: 3 });
  const before = host.cpu();
  const walked = await host.order<Walked>({ do: 'walk', times: walks });
  const cpu = host.cpu() - before;
  await host.probe();
  await change();
  await setTimeout(SETTLED);
  const changed = await host.order<Walked>({ do: 'walk', times: 1 });
  const { longest } = await host.probe();
  if (changed.tools !== walked.tools + 1) throw new Error(`the list was not changed: ${changed.tools} tools`);
  return {
    ...walked,
    cpuPerPage: cpu / (walked.pages * walks),
    changed: { page: changed.page, walk: changed.walk.p50 },
    longestBlock: longest,
  };
}

/** Milliseconds after which a change has been read. */
const SETTLED = 1_500;

/** The first page for every consumer, each of whom sees something else, in turn. */
export interface ViewFigures {
  readonly consumers: number;
  readonly first: Times;
  readonly again: Times;
  readonly cpuFirst: number;
  readonly cpuAgain: number;
  /** Milliseconds of the longest block of the event loop while one server's list changed and all asked again. */
  readonly longestBlock: number;
  readonly changed: Times;
}

export async function measureViews(host: CrowdedHost, change: () => Promise<void>): Promise<ViewFigures> {
  const { consumers } = host.population;
  const ask = async (): Promise<{ readonly times: Times; readonly cpu: number }> => {
    const before = host.cpu();
    const { times } = await host.order<Called>({ do: 'views', consumers });
    return { times, cpu: (host.cpu() - before) / consumers };
  };
  const first = await ask();
  const again = await ask();
  await host.probe();
  await change();
  await setTimeout(SETTLED);
  const changed = await ask();
  const { longest } = await host.probe();
  return {
    consumers,
    first: first.times,
    again: again.times,
    cpuFirst: first.cpu,
    cpuAgain: again.cpu,
    longestBlock: longest,
    changed: changed.times,
  };
}

/** One host with what it holds. */
export interface HoldFigures {
  readonly servers: number;
  readonly consumers: number;
  readonly readyMs: number;
  readonly readyCpuMs: number;
  /** Bytes, when it is ready, and when everything was asked for once. */
  readonly rssReady: number;
  readonly rssUsed: number;
  readonly sessions: number;
}

export function held(host: CrowdedHost, ready: Probed, used: Probed, sessions: number): HoldFigures {
  const { population, readyMs, readyCpuMs } = host;
  const { servers, consumers } = population;
  return { servers, consumers, readyMs, readyCpuMs, rssReady: ready.rss, rssUsed: used.rss, sessions };
}
