import { availableParallelism } from 'node:os';

/** More than machines have cores that one host could use: as in the configuration. */
const MOST_WORKERS = 64;

/** Undefined: one. */
export function countWorkers(wanted: number | 'auto' | undefined): number {
  return wanted === 'auto' ? Math.min(availableParallelism(), MOST_WORKERS) : (wanted ?? 1);
}

/** @throws TypeError with a sentence for whoever typed it */
export function parseWorkers(text: string): number | 'auto' {
  if (text === 'auto') return text;
  if (/^[1-9]\d?$/.test(text) && Number(text) <= MOST_WORKERS) return Number(text);
  throw new TypeError(`--workers must be a whole number from 1 to ${MOST_WORKERS}, or auto, not "${text}".`);
}
