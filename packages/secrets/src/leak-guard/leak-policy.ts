export type LeakDirection = 'result' | 'argument';

/** What is done with a secret: hidden in place, the whole message refused, or nothing at all. */
export type LeakTreatment = 'mask' | 'refuse' | 'off';

export interface LeakPolicy {
  /** What servers say to clients. */
  readonly results: LeakTreatment;
  /** What clients say to servers; a server's own secrets may always go to it. */
  readonly arguments: LeakTreatment;
}

export const DEFAULT_LEAK_POLICY: LeakPolicy = { results: 'mask', arguments: 'refuse' };
