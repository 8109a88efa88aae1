import { settle } from '@hostler/test-kit';

/** Turns of the event loop until it is so. @throws when it does not become so: a loop must not outlive its test */
export async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + BOUND;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`not in ${BOUND} ms: ${isSo.toString()}`);
    await settle();
  }
}

/** Milliseconds; less than a test may take, and more than a busy machine stalls. */
const BOUND = 20_000;

/** Enough turns for whatever a socket was given to come up on the other side of loopback, and for an answer to it. */
export async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await settle();
}
