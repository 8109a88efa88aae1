import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@hostler/kernel';
import { DrivenClock } from '@hostler/test-kit';

/** Milliseconds of one step. */
const STEP = 10;

export interface PatientClock extends Clock, AsyncDisposable {}

/**
 * Time that passes as on any clock, but stands still while the machine serves neither this process nor its disk: what is
 * measured by it is the host's own doing.
 */
export function startPatientClock(): PatientClock {
  const clock = new DrivenClock();
  let isOver = false;
  const passing = (async () => {
    while (!isOver) {
      // oxlint-disable-next-line no-await-in-loop -- one step after the other
      await delay(STEP);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await stat(tmpdir());
      // oxlint-disable-next-line no-await-in-loop -- as above
      await clock.pass(STEP);
    }
  })();
  return {
    now: () => clock.now(),
    after: (delayed, callback) => clock.after(delayed, callback),
    async [Symbol.asyncDispose]() {
      isOver = true;
      await passing;
    },
  };
}
