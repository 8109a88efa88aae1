export const UPSTREAMS = ['http', 'sse', 'stdio'] as const;
export const ERAS = ['legacy', 'modern'] as const;

export type Upstream = (typeof UPSTREAMS)[number];
export type Era = (typeof ERAS)[number];

/** What stands behind and how it is spoken to: processes are started for each pair once. */
export interface Rig {
  readonly upstream: Upstream;
  readonly era: Era;
}

/** One thing that is measured, of every target of its rig. */
export interface Cell extends Rig {
  /** Size of the result. */
  readonly bytes: number;
  readonly inFlight: number;
  /** Cores are kept from falling asleep meanwhile. */
  readonly isAwake?: true;
}

/** What is measured; `old …` are those of another version of the product. */
export const TARGETS = ['direct', 'nginx', 'byte proxy', 'bare bridge', 'off', 'deployed'] as const;
export type TargetName = (typeof TARGETS)[number] | 'old off' | 'old deployed';

/** The least that could do it, which ratios are to. */
export const BASELINES: readonly TargetName[] = ['byte proxy', 'bare bridge'];

export function cellName({ upstream, era, bytes, ...cell }: Cell): string {
  return `${upstream}, ${era}, ${sizeText(bytes)}, ${inFlightText(cell)} in flight`;
}

export function inFlightText({ inFlight, isAwake }: Pick<Cell, 'inFlight' | 'isAwake'>): string {
  return isAwake === true ? `${inFlight} (awake)` : `${inFlight}`;
}

export function sizeText(bytes: number): string {
  if (bytes >= 2 ** 20) return `${bytes / 2 ** 20} MB`;
  return bytes >= 1024 ? `${bytes / 1024} KB` : `${bytes} B`;
}

export function isSameCell(one: Cell, other: Cell): boolean {
  return cellName(one) === cellName(other);
}
