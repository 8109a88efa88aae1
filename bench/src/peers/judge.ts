import { limitOf } from './figures.ts';
import type { Figures, Limit } from './figures.ts';
import type { Upstream } from './rivals.ts';

export interface Verdict {
  readonly what: string;
  readonly figure: string;
  readonly goal: string;
  readonly isMet: boolean;
  readonly note: string;
}

/** How many times the throughput of the best rival. */
const THROUGHPUT: Readonly<Record<Upstream['kind'], number>> = { http: 4, stdio: 1.5 };

/** Medians of fewer are none. */
const LEAST_ROUNDS = 5;

/** Each form of Hostler beside the rivals: the throughput of the best of them, the memory of the smallest of them. */
export function judge(kind: Upstream['kind'], figures: readonly Figures[]): Verdict[] {
  const rivals = figures.filter(({ isHostler }) => !isHostler);
  const best = rivals.toSorted((a, b) => b.callsPerSecond - a.callsPerSecond)[0];
  const smallest = rivals.toSorted((a, b) => a.peakMiB - b.peakMiB)[0];
  const own = figures.filter(({ isHostler }) => isHostler);
  if (best === undefined || smallest === undefined || own.length === 0) {
    return [{ what: kind, figure: 'nothing to compare', goal: 'a rival that runs', isMet: false, note: '' }];
  }
  const verdicts = own.flatMap((hostler) => [throughput(kind, hostler, best), memory(kind, hostler, smallest)]);
  const rounds = Math.min(...figures.map((each) => each.rounds));
  return rounds >= LEAST_ROUNDS ? verdicts : [...verdicts, tooFew(kind, rounds)];
}

const LIMITS: Readonly<Record<Limit, string>> = {
  gateway: "Hostler's own core was full",
  load: 'a lower bound: the core of client and server was full',
  neither: 'neither core was full, so other programs ran or somebody waited',
};

function tooFew(kind: Upstream['kind'], rounds: number): Verdict {
  return { what: `${kind}: rounds`, figure: String(rounds), goal: `at least ${LEAST_ROUNDS}`, isMet: false, note: '' };
}

function throughput(kind: Upstream['kind'], hostler: Figures, best: Figures): Verdict {
  const ratio = hostler.callsPerSecond / best.callsPerSecond;
  const cpu = (best.cpuMicroseconds / hostler.cpuMicroseconds).toFixed(1);
  return {
    what: `${kind}: ${hostler.name}, calls/s beside ${best.name}`,
    figure: `${ratio.toFixed(2)} ×`,
    goal: `at least ${THROUGHPUT[kind]} ×`,
    isMet: ratio >= THROUGHPUT[kind],
    note: `CPU per call ${cpu} × less; ${LIMITS[limitOf(hostler)]}`,
  };
}

function memory(kind: Upstream['kind'], hostler: Figures, smallest: Figures): Verdict {
  return {
    what: `${kind}: ${hostler.name}, peak RSS beside ${smallest.name}`,
    figure: `${hostler.peakMiB.toFixed(0)} MiB`,
    goal: `below ${smallest.peakMiB.toFixed(0)} MiB`,
    isMet: hostler.peakMiB < smallest.peakMiB,
    note: '',
  };
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
